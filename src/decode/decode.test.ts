import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stream, uniform } from '../tensor/random.js';
import { end, start, unknown } from '../text/vocabulary.js';
import { decodeByBeam } from './beam.js';
import { decodeBySampling, decodeGreedily } from './word-by-word.js';
import type { WordSource } from './word-source.js';

/** Log-probabilities of what follows some words. */
type Language = (image: number, before: readonly number[]) => number[];

/** Random, and a function of all that was said so far: a mistake in keeping states apart shows. */
const language =
  (seed: number, vocabulary: number): Language =>
  (image, before) => {
    const random = stream(seed, image, ...before);
    const scores = Array.from({ length: vocabulary }, () => 3 * uniform(random));
    const sum = Math.log(scores.reduce((total, score) => total + Math.exp(score), 0));
    return scores.map((score) => score - sum);
  };

/** A source over a language, with rows per image side by side; the attention is the image and the position. */
class Spoken implements WordSource {
  readonly rows: number;
  readonly vocabulary: number;
  readonly #language: Language;
  readonly #perImage: number;
  #said: number[][];
  calls = 0;

  constructor(spoken: Language, vocabulary: number, images: number, perImage = 1) {
    this.#language = spoken;
    this.vocabulary = vocabulary;
    this.rows = images * perImage;
    this.#perImage = perImage;
    this.#said = Array.from({ length: this.rows }, () => []);
  }

  async next(words: readonly number[], parents: readonly number[] = [...words.keys()]) {
    this.calls++;
    this.#said = words.map((word, row) => [...this.#said[parents[row]!]!, word]);
    const scores = this.#said.flatMap((said, row) => this.#language(Math.floor(row / this.#perImage), said));
    const attention = this.#said.flatMap((said, row) => [Math.floor(row / this.#perImage), said.length]);
    return { logProbabilities: Float32Array.from(scores), attention: Float32Array.from(attention) };
  }
}

/** Every caption of at most `maxLength` words with its score, the best first. */
function everyCaption(spoken: Language, vocabulary: number, image: number, maxLength: number, lengthPower: number) {
  const captions: { words: number[]; score: number; ended: boolean }[] = [];
  const walk = (words: number[], sum: number) => {
    if (words.length === maxLength) {
      captions.push({ words, score: sum / words.length ** lengthPower, ended: false });
      return;
    }
    const scores = spoken(image, [start, ...words]);
    for (let word = 4; word < vocabulary; word++) walk([...words, word], sum + scores[word]!);
    captions.push({ words, score: (sum + scores[end]!) / (words.length + 1) ** lengthPower, ended: true });
  };
  walk([], 0);
  return captions.sort((a, b) => Number(b.ended) - Number(a.ended) || b.score - a.score);
}

describe('beam search', () => {
  it('finds the best captions there are when the beam holds everything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(0, 0.7, 1),
        async (seed, maxLength, lengthPower) => {
          const [vocabulary, images, beam, best] = [7, 2, 40, 5];
          const spoken = language(seed, vocabulary);
          const source = new Spoken(spoken, vocabulary, images, beam);
          const found = await decodeByBeam(source, images, { beam, best, maxLength, lengthPower });
          for (const [image, captions] of found.entries()) {
            const all = everyCaption(spoken, vocabulary, image, maxLength, lengthPower).slice(0, best);
            expect(captions.map(({ words }) => words)).toEqual(all.slice(0, captions.length).map(({ words }) => words));
            for (const [k, { score }] of captions.entries()) expect(score).toBeCloseTo(all[k]!.score, 4);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('with a beam of one is greedy', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const spoken = language(seed, 12);
        const greedy = await decodeGreedily(new Spoken(spoken, 12, 3), 3, { maxLength: 6 });
        const beam = await decodeByBeam(new Spoken(spoken, 12, 3), 3, { beam: 1, maxLength: 6 });
        expect(beam.map(([first]) => first!.words)).toEqual(greedy.map(({ words }) => words));
      }),
      { numRuns: 50 },
    );
  });

  it('ends where no draft ever does, and gives what it has', async () => {
    const never: Language = () => [0, 0, Number.NEGATIVE_INFINITY, 0, -1, -2];
    const source = new Spoken(never, 6, 1, 3);
    const [captions] = await decodeByBeam(source, 1, { beam: 3, best: 2, maxLength: 20 });
    expect(source.calls).toBe(20);
    expect(captions).toHaveLength(2);
    expect(captions![0]).toMatchObject({ ended: false, words: Array(20).fill(4), logProbability: -20 });
  });

  it('stops early when nothing can become better', async () => {
    const short: Language = () => [0, 0, -0.01, 0, -5, -5];
    const source = new Spoken(short, 6, 1, 3);
    await decodeByBeam(source, 1, { beam: 3, maxLength: 50 });
    expect(source.calls).toBeLessThan(5);
  });

  it('takes the attention along with the draft it belongs to', async () => {
    const spoken = language(3, 9);
    const found = await decodeByBeam(new Spoken(spoken, 9, 2, 4), 2, { beam: 4, best: 4, maxLength: 5 });
    for (const [image, captions] of found.entries()) {
      for (const { words, ended, attention } of captions) {
        const steps = words.length + Number(ended);
        expect(attention!.map((pair) => [...pair])).toEqual(Array.from({ length: steps }, (_, i) => [image, i + 1]));
      }
    }
  });

  it.each([
    [{ beam: 0 }, 'beam: a whole number from 1 is expected, 0 came'],
    [{ beam: 2, best: 3 }, 'best: a whole number from 1 to the beam, 2, is expected, 3 came'],
    [{ beam: 4 }, '1 captions with a beam of 4 need 4 rows, there are 3'],
  ])('refuses %o', async (options, message) => {
    await expect(decodeByBeam(new Spoken(language(1, 6), 6, 3), 1, { maxLength: 3, ...options })).rejects.toThrow(
      message,
    );
  });
});

describe('word by word', () => {
  it('writes no special word, and stops a caption at its end while others go on', async () => {
    const spoken: Language = (image, before) =>
      before.length > image + 1 ? [0, 0, -0.1, -9, -3, -3] : [0, 0, -9, -0.01, -1, -2];
    const captions = await decodeGreedily(new Spoken(spoken, 6, 3), 2, { maxLength: 9 });
    expect(captions.map(({ words, ended }) => ({ words, ended }))).toEqual([
      { words: [4], ended: true },
      { words: [4, 4], ended: true },
    ]);
    const [withUnknown] = await decodeGreedily(new Spoken(spoken, 6, 1), 1, { maxLength: 9, never: [] });
    expect(withUnknown!.words).toEqual([unknown]);
  });

  it('draws words as often as they are likely, and as the temperature says', async () => {
    const probabilities = [0.1, 0.6, 0.3];
    const spoken: Language = () => [0, 0, ...probabilities].map(Math.log).toSpliced(3, 0, 0);
    const shares = async (temperature: number, topK?: number) => {
      const options = { maxLength: 1, seed: 5, temperature, ...(topK && { topK }) };
      const captions = await decodeBySampling(new Spoken(spoken, 6, 4000), 4000, options);
      const share = (word: number) => captions.filter(({ words }) => (words[0] ?? end) === word).length / 4000;
      return [end, 4, 5].map(share);
    };
    const close = (found: number[], expected: number[]) =>
      found.forEach((share, i) => {
        expect(share).toBeGreaterThan(expected[i]! - 0.03);
        expect(share).toBeLessThan(expected[i]! + 0.03);
      });
    close(await shares(1), probabilities);
    close(
      await shares(0.5),
      [0.01, 0.36, 0.09].map((p) => p / 0.46),
    );
    close(await shares(1, 2), [0, 2 / 3, 1 / 3]);
    close(await shares(1, 1), [0, 1, 0]);
  });

  it('draws the same with the same seed', async () => {
    const decode = (seed: number) =>
      decodeBySampling(new Spoken(language(1, 30), 30, 5), 5, { maxLength: 8, seed, topK: 9 });
    expect(await decode(1)).toEqual(await decode(1));
    expect(await decode(1)).not.toEqual(await decode(2));
  });

  it('refuses a temperature of 0 and no words to choose from', () => {
    const source = new Spoken(language(1, 6), 6, 1);
    const sample = (options: object) => () => decodeBySampling(source, 1, { maxLength: 1, seed: 1, ...options });
    expect(sample({ temperature: 0 })).toThrow('a temperature above 0 is expected, 0 came');
    expect(sample({ topK: 0 })).toThrow('topK: a whole number from 1 is expected, 0 came');
  });
});
