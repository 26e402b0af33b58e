import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { dataFile } from '../../test/support/data.js';
import { splitAtBlanks, splitLikePtb } from '../text/tokenise.js';
import { scoreCaptions } from './caption-scores.js';
import { ciderD } from './cider-d.js';
import { referenceCounts } from './reference-counts.js';
import { rougeL } from './rouge-l.js';
import { signatureOf } from './signature.js';

const [candidates, first, second] = ['hyp.txt', 'ref1.txt', 'ref2.txt'].map((name) => dataFile('metrics', name));

it.skipIf(!candidates || !first || !second).each([
  ['split at blanks', splitAtBlanks],
  ['much like the Penn Treebank', splitLikePtb],
])('is what coco-caption’s scorers give for the example of nlg-eval, %s', (_, tokenise) => {
  const [hypotheses, ...references] = [candidates, first, second].map((file) =>
    readFileSync(file!, 'utf8').trimEnd().split('\n'),
  );
  const scores = scoreCaptions(
    hypotheses!.map((candidate, i) => ({ candidate, references: references.map((lines) => lines[i]!) })),
    tokenise,
    'coco',
  );
  const six = (value: number) => value.toFixed(6);
  expect(scores.bleu.map(({ value }) => six(value))).toEqual(['0.550000', '0.428174', '0.284043', '0.201143']);
  expect(six(scores.rougeL.value)).toBe('0.522104');
  expect(six(scores.ciderD.value)).toBe('1.242192');
});

const captions = [
  { candidate: 'a river runs through', references: ['A river runs through .', 'there is a river'] },
  { candidate: 'a river runs through', references: ['two planes are parked'] },
  { candidate: 'Many houses', references: ['many houses', 'houses in rows', 'many houses in a row'] },
];

it('counts distinct captions, images and references, and holds every score within its interval', () => {
  const scores = scoreCaptions(captions, splitLikePtb, 'coco');
  expect(scores).toMatchObject({ distinct: 2 / 3, images: 3, references: [1, 3] });
  for (const { value, interval } of [...scores.bleu, scores.rougeL, scores.ciderD]) {
    expect(interval[0]).toBeLessThanOrEqual(value);
    expect(interval[1]).toBeGreaterThanOrEqual(value);
    expect(interval[1]).toBeGreaterThan(interval[0]);
  }
  expect(
    signatureOf(scores, {
      mode: 'coco',
      tokeniser: 'ptb-like',
      split: 'val',
      captions: 'f'.repeat(64),
      version: '1.2.3',
    }),
  ).toBe('bleu:coco|tok:ptb-like|smooth:tiny|refs:1-3|images:3|split:val|captions:ffffffffffff|legenda:1.2.3');
});

it('gives ROUGE-L of common words in order', () => {
  // "a c" is common: precision 2/3, recall 2/4
  const [precision, recall] = [2 / 3, 1 / 2];
  expect(rougeL(['a', 'b', 'c'], [['a', 'x', 'c', 'y']])).toBeCloseTo(
    (2.44 * precision * recall) / (recall + 1.44 * precision),
    14,
  );
  expect(rougeL(['a', 'b'], [['b', 'a']])).toBeCloseTo(0.5, 14);
  expect(rougeL([], [['a']])).toBe(0);
  expect(rougeL(['a'], [[]])).toBe(0);
  expect(rougeL(['a', 'b'], [['x'], ['a', 'b']])).toBeCloseTo(1, 14);
});

it('gives CIDEr-D of 10 for what every reference says and no other image’s does, 0 for what all say', () => {
  const said = (text: string) => ({ candidate: text.split(' '), references: [text.split(' '), text.split(' ')] });
  const [rare, other] = ciderD([said('a green river bend'), said('two old grey planes')]);
  expect(rare).toBeCloseTo(10, 12);
  expect(other).toBeCloseTo(10, 12);
  expect(ciderD([said('the same words here'), said('the same words here')])).toEqual([0, 0]);
  expect(ciderD([{ candidate: [], references: [['a']] }, said('b c d e')])[0]).toBe(0);
});

it('gives CIDEr-D less to lengths that differ', () => {
  const words = 'a b c d'.split(' ');
  const other = { candidate: ['x'], references: [['y']] };
  const [plain] = ciderD([{ candidate: words, references: [words] }, other]);
  const [longer] = ciderD([{ candidate: [...words, ...words], references: [words] }, other]);
  expect(longer).toBeLessThan(plain! * Math.exp(-(4 ** 2) / 72));
});

it('counts references of more images than a call takes arguments', () => {
  expect(referenceCounts([['', '', ''], ...new Array<string[]>(200_000).fill(['', ''])])).toEqual([2, 3]);
});

it('refuses nothing to score, and captions without references', () => {
  expect(() => scoreCaptions([], splitAtBlanks, 'coco')).toThrow('there is no caption to score');
  const alone = [{ candidate: 'a river', references: [] }];
  expect(() => scoreCaptions(alone, splitAtBlanks, 'coco')).toThrow('caption 0 ("a river") has no reference');
});
