import { LegendaError } from '../errors.js';

/** Words that are none: filling up, beginning, end, and what was not in the training captions. Their numbers are 0 to 3. */
export const special = ['<pad>', '<start>', '<end>', '<unk>'] as const;

export const [pad, start, end, unknown] = [0, 1, 2, 3] as const;

/** Words by number, the most frequent first behind the special ones. */
export class Vocabulary {
  readonly words: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  /** @throws LegendaError when the words do not begin with the special ones, or one is there twice */
  constructor(words: readonly string[]) {
    if (special.some((word, i) => words[i] !== word))
      throw new LegendaError(
        `a vocabulary begins with ${special.join(' ')}, this one with ${words.slice(0, 4).join(' ')}`,
      );
    this.words = words;
    this.#numbers = new Map(words.map((word, i) => [word, i]));
    const twice = words.find((word, i) => this.#numbers.get(word) !== i);
    if (twice !== undefined) throw new LegendaError(`the vocabulary has "${twice}" twice`);
  }

  /**
   * The vocabulary of some captions.
   * @param leastCount words that are rarer become unknown
   */
  static of(captions: Iterable<readonly string[]>, leastCount = 1): Vocabulary {
    const counts = new Map<string, number>();
    for (const tokens of captions) for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    for (const word of special) counts.delete(word);
    const kept = [...counts].filter(([, count]) => count >= leastCount);
    kept.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return new Vocabulary([...special, ...kept.map(([word]) => word)]);
  }

  get size(): number {
    return this.words.length;
  }

  encode(tokens: readonly string[]): number[] {
    return tokens.map((token) => this.#numbers.get(token) ?? unknown);
  }

  /** Words up to the end, without special ones but the unknown. @throws LegendaError when a number is no word's */
  decode(numbers: Iterable<number>): string[] {
    const words: string[] = [];
    for (const number of numbers) {
      const word = this.words[number];
      if (word === undefined) throw new LegendaError(`there is no word ${number} in a vocabulary of ${this.size}`);
      if (number === end) break;
      if (number !== pad && number !== start) words.push(word);
    }
    return words;
  }
}
