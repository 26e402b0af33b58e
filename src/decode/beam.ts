import { UsageError } from '../errors.js';
import { end } from '../text/vocabulary.js';
import { allowedWords, captionOf, type Draft, emptyDraft, extend, lastWord } from './draft.js';
import type { DecodedCaption, DecodeOptions, NextWords, WordSource } from './word-source.js';

export interface BeamOptions extends DecodeOptions {
  /** Drafts of a caption that are followed at once, from 1. */
  readonly beam: number;
  /**
   * Captions are compared by log-probability over length to this power (the end counts as a word): 0 favours short ones,
   * 1 is the mean; 1 by default.
   */
  readonly lengthPower?: number;
  /** Captions an image, the best first, from 1 to the beam; 1 by default. */
  readonly best?: number;
}

export interface BeamCaption extends DecodedCaption {
  /** Log-probability over length to the power: what captions of one image are ordered by. */
  readonly score: number;
}

/**
 * Beam search: at every word the likeliest drafts of each caption are kept. It ends after `maxLength` words at the latest;
 * drafts that have not ended by then count as captions behind those that have.
 *
 * @param source with `count` times `beam` rows at least; those of a caption lie side by side, and start alike
 * @param count captions to write
 * @returns for each caption its best, at most `best`, at least one
 * @throws UsageError when a number is out of range, or the source has too few rows
 */
export async function decodeByBeam(source: WordSource, count: number, options: BeamOptions): Promise<BeamCaption[][]> {
  const { beam, best = 1, lengthPower = 1, maxLength } = options;
  if (!Number.isInteger(beam) || beam < 1)
    throw new UsageError(`beam: a whole number from 1 is expected, ${beam} came`);
  if (!Number.isInteger(best) || best < 1 || best > beam)
    throw new UsageError(`best: a whole number from 1 to the beam, ${beam}, is expected, ${best} came`);
  if (source.rows < count * beam)
    throw new UsageError(
      `${count} captions with a beam of ${beam} need ${count * beam} rows, there are ${source.rows}`,
    );
  const allowed = allowedWords(source, options);
  const searches = Array.from({ length: count }, () => new Search(beam, best, lengthPower, maxLength));
  const words = Array<number>(source.rows).fill(lastWord(emptyDraft));
  const parents = [...words.keys()];
  for (let position = 0; position < maxLength && searches.some(({ isOpen }) => isOpen); position++) {
    const scores = await source.next(words, parents);
    for (const [i, search] of searches.entries()) {
      if (!search.isOpen) continue;
      search.advance(source, scores, i * beam, allowed).forEach(({ word, parent }, k) => {
        words[i * beam + k] = word;
        parents[i * beam + k] = parent;
      });
    }
  }
  return searches.map((search) => search.captions());
}

interface Candidate {
  readonly draft: Draft;
  /** Its row among the scores. */
  readonly row: number;
  readonly word: number;
  readonly logProbability: number;
}

/** The search for one caption. */
class Search {
  readonly #beam: number;
  readonly #best: number;
  readonly #lengthPower: number;
  readonly #maxLength: number;
  #drafts: readonly Draft[] = [emptyDraft];
  /** Drafts that have ended: each takes a place of the beam from then on. */
  #ends = 0;
  /** The best of those. */
  #ended: BeamCaption[] = [];

  constructor(beam: number, best: number, lengthPower: number, maxLength: number) {
    this.#beam = beam;
    this.#best = best;
    this.#lengthPower = lengthPower;
    this.#maxLength = maxLength;
  }

  /** Whether a draft could still become one of the best. */
  get isOpen(): boolean {
    if (this.#drafts.length === 0) return false;
    if (this.#ended.length < this.#best) return true;
    // log-probabilities only fall, and no length divides by more than the longest
    const hope = Math.max(
      ...this.#drafts.map(({ logProbability }) => this.#scored(logProbability, this.#maxLength + 1)),
    );
    return hope > this.#ended[this.#best - 1]!.score;
  }

  /** @returns by kept draft, its last word and the row that it goes on from */
  advance(
    source: WordSource,
    scores: NextWords,
    firstRow: number,
    allowed: Uint8Array,
  ): { readonly word: number; readonly parent: number }[] {
    const candidates = this.#drafts.flatMap((draft, k) =>
      this.#likeliest(draft, firstRow + k, scores.logProbabilities, source.vocabulary, allowed),
    );
    candidates.sort((a, b) => b.logProbability - a.logProbability || a.row - b.row || a.word - b.word);
    const kept: Candidate[] = [];
    const drafts: Draft[] = [];
    for (const candidate of candidates) {
      if (kept.length + this.#ends === this.#beam) break;
      const draft = extend(candidate.draft, candidate.word, source, scores, candidate.row);
      if (candidate.word === end) this.#end(draft);
      else {
        kept.push(candidate);
        drafts.push(draft);
      }
    }
    this.#drafts = drafts;
    return kept.map(({ word, row }) => ({ word, parent: row }));
  }

  captions(): BeamCaption[] {
    const cut = this.#drafts.map((draft) => this.#captionOf(draft, false)).sort((a, b) => b.score - a.score);
    return [...this.#ended, ...cut].slice(0, this.#best);
  }

  /** One more than the beam holds, so that as many as it holds are left when one of them is the end. */
  #likeliest(draft: Draft, row: number, logProbabilities: Float32Array, vocabulary: number, allowed: Uint8Array) {
    const best: Candidate[] = [];
    for (let word = 0; word < vocabulary; word++) {
      const logProbability = draft.logProbability + logProbabilities[row * vocabulary + word]!;
      if (!allowed[word] || logProbability === Number.NEGATIVE_INFINITY) continue;
      if (best.length > this.#beam && logProbability <= best.at(-1)!.logProbability) continue;
      const place = best.findIndex((other) => other.logProbability < logProbability);
      best.splice(place === -1 ? best.length : place, 0, { draft, row, word, logProbability });
      if (best.length > this.#beam + 1) best.pop();
    }
    return best;
  }

  #end(draft: Draft): void {
    this.#ends++;
    this.#ended.push(this.#captionOf(draft, true));
    this.#ended.sort((a, b) => b.score - a.score);
    this.#ended.length = Math.min(this.#ended.length, this.#best);
  }

  #captionOf(draft: Draft, ended: boolean): BeamCaption {
    const length = draft.words.length + (ended ? 1 : 0);
    return { ...captionOf(draft, ended), score: this.#scored(draft.logProbability, length) };
  }

  #scored(logProbability: number, length: number): number {
    return logProbability / length ** this.#lengthPower;
  }
}
