import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { bleuStatistics, corpusBleu } from './bleu.js';

const words = (text: string): string[] => (text === '' ? [] : text.split(' '));

interface Corpus {
  readonly pairs: readonly (readonly [candidate: string, references: readonly string[]])[];
  readonly bleu: readonly number[];
}

const statisticsOf = ({ pairs }: Pick<Corpus, 'pairs'>) =>
  pairs.map(([candidate, references]) => bleuStatistics(words(candidate), references.map(words)));

it('is NLTK’s corpus_bleu on random corpora', () => {
  // made by test/golden/nltk/generate.py
  const file = new URL('../../test/golden/nltk/corpora.jsonl.gz', import.meta.url);
  const corpora: Corpus[] = gunzipSync(readFileSync(file))
    .toString()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(corpora).toHaveLength(3000);
  let largest = 0;
  for (const corpus of corpora) {
    corpusBleu(statisticsOf(corpus), 'nltk').forEach((score, n) => {
      const difference = Math.abs(score - corpus.bleu[n]!);
      if (!(difference <= 1e-12)) expect.soft(score, JSON.stringify(corpus)).toBe(corpus.bleu[n]);
      largest = Math.max(largest, difference);
    });
  }
  expect(largest).toBeLessThanOrEqual(1e-12);
  expect(new Set(corpora.map(({ bleu }) => bleu[3])).size).toBeGreaterThan(1000);
});

it('takes a match no more often than one reference has it', () => {
  const { matches, length, referenceLength } = bleuStatistics(words('the the the the the the the'), [
    words('the cat is on the mat'),
    words('there is a cat on the mat'),
  ]);
  expect({ matches, length, referenceLength }).toEqual({ matches: [2, 0, 0, 0], length: 7, referenceLength: 7 });
});

it('compares with the closest length, the shorter of two', () => {
  const length = (...references: string[]) => bleuStatistics(words('a b c'), references.map(words)).referenceLength;
  expect(length('a b c d', 'a b')).toBe(2);
  expect(length('a b', 'a b c d')).toBe(2);
  expect(length('a', 'a b c d')).toBe(4);
});

it('is 1 for a reference itself and close to 0 without a match, in both modes', () => {
  const same = statisticsOf({ pairs: [['a b c d e', ['x y', 'a b c d e']]] });
  for (const score of corpusBleu(same, 'coco')) expect(score).toBeCloseTo(1, 8);
  expect(corpusBleu(same, 'nltk')).toEqual([1, 1, 1, 1]);
  const other = statisticsOf({ pairs: [['a b c d', ['x y z w']]] });
  for (const score of corpusBleu(other, 'coco')) expect(score).toBeCloseTo(0, 8);
  expect(corpusBleu(other, 'nltk')).toEqual([0, 0, 0, 0]);
});

it('differs between the modes where orders have no match', () => {
  const short = statisticsOf({ pairs: [['a b c', ['a b c']]] });
  expect(corpusBleu(short, 'nltk')[3]).toBeLessThan(1e-70);
  expect(corpusBleu(short, 'coco')[3]).toBeGreaterThan(1e-4);
});
