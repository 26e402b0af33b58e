import { UsageError } from '../errors.js';
import { stream, uniform } from '../tensor/random.js';
import { end } from '../text/vocabulary.js';
import { allowedWords, captionOf, type Draft, emptyDraft, extend, lastWord } from './draft.js';
import type { DecodedCaption, DecodeOptions, WordSource } from './word-source.js';

/**
 * The likeliest word each time (of equals the first).
 * @param count captions to write, at most the source's rows
 */
export function decodeGreedily(source: WordSource, count: number, options: DecodeOptions): Promise<DecodedCaption[]> {
  const allowed = allowedWords(source, options);
  return writeAll(source, count, options, (scores) => {
    let best: number = end;
    scores.forEach((score, word) => {
      if (allowed[word] && score > scores[best]!) best = word;
    });
    return best;
  });
}

export interface SampleOptions extends DecodeOptions {
  readonly seed: number;
  /** Above 0: below 1 likelier words come more often than they should, above 1 less often. 1 by default. */
  readonly temperature?: number;
  /** Only so many of the likeliest words may come, from 1; all by default. */
  readonly topK?: number;
}

/**
 * A word drawn by its probability each time.
 * @param count captions to write, at most the source's rows
 * @throws UsageError when the temperature or the number of words is out of range
 */
export function decodeBySampling(source: WordSource, count: number, options: SampleOptions): Promise<DecodedCaption[]> {
  const { seed, temperature = 1, topK = source.vocabulary } = options;
  if (!(temperature > 0)) throw new UsageError(`a temperature above 0 is expected, ${temperature} came`);
  if (!Number.isInteger(topK) || topK < 1)
    throw new UsageError(`topK: a whole number from 1 is expected, ${topK} came`);
  const allowed = allowedWords(source, options);
  const words = [...allowed.keys()].filter((word) => allowed[word]);
  return writeAll(source, count, options, (scores, row, position) => {
    const kept = topK < words.length ? words.sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, topK) : words;
    const highest = Math.max(...kept.map((word) => scores[word]!));
    const weights = kept.map((word) => Math.exp((scores[word]! - highest) / temperature));
    let left = uniform(stream(seed, 'sample', row, position)) * weights.reduce((sum, weight) => sum + weight, 0);
    const drawn = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    return kept[drawn === -1 ? weights.length - 1 : drawn]!;
  });
}

/** @param choose the next word of a row from its scores */
async function writeAll(
  source: WordSource,
  count: number,
  { maxLength }: DecodeOptions,
  choose: (scores: Float32Array, row: number, position: number) => number,
): Promise<DecodedCaption[]> {
  const drafts = Array<Draft>(source.rows).fill(emptyDraft);
  const captions: (DecodedCaption | undefined)[] = Array(count).fill(undefined);
  for (let position = 0; position < maxLength && captions.includes(undefined); position++) {
    const scores = await source.next(drafts.map(lastWord));
    for (let row = 0; row < count; row++) {
      if (captions[row] !== undefined) continue;
      const own = scores.logProbabilities.subarray(row * source.vocabulary, (row + 1) * source.vocabulary);
      const word = choose(own, row, position);
      drafts[row] = extend(drafts[row]!, word, source, scores, row);
      if (word === end) captions[row] = captionOf(drafts[row]!, true);
    }
  }
  return captions.map((caption, row) => caption ?? captionOf(drafts[row]!, false));
}
