import fc from 'fast-check';
import { inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { canonicalHead, headParameters } from './canonical.js';
import { compareHeads } from './compare.js';
import { examineHeads } from './examine.js';
import { generateHeads, normalMatrix } from './generate.js';
import { type AttentionHead, precisionOf } from './head.js';
import { conditionOf, frobenius, qr } from './linear-algebra.js';
import { headScores } from './scores.js';

const compare = (one: AttentionHead, other: AttentionHead, options = {}) =>
  compareHeads([one, headScores(one)], [other, headScores(other)], options);

/** The first head by an invertible matrix. */
const turned = ({ query, key }: AttentionHead, link: Matrix): AttentionHead => ({
  name: 'turned',
  query: query.mmul(link),
  key: key.mmul(inverse(link).transpose()),
});

/** A square matrix of a given condition. */
function linkOf(size: number, condition: number, seed: number): Matrix {
  const [left, right] = ['left', 'right'].map((side) => qr(normalMatrix(size, size, 1, seed, side)).orthonormal);
  const values = Array.from({ length: size }, (_, i) => condition ** (size === 1 ? 0 : -i / (size - 1)));
  return left!.mmul(Matrix.diag(values)).mmul(right!);
}

const headOf = (n: number, d: number, seed: number): AttentionHead =>
  generateHeads({ embedding: n, dimension: d, heads: 1, equivalent: false, seed }).heads[0]!;

const sizes = fc.integer({ min: 1, max: 9 }).chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 1, max: n })));
const seeds = fc.integer({ min: 0, max: 1e6 });

describe('a head', () => {
  it('has an A of rank d at most, with the singular values of its core', () => {
    fc.assert(
      fc.property(sizes, seeds, ([n, d], seed) => {
        const scores = headScores(headOf(n, d, seed));
        expect(scores.singularValues).toHaveLength(d);
        expect(scores.rank).toBeLessThanOrEqual(d);
        const { left, right, matrix, singularValues } = scores;
        const back = left.mmul(Matrix.diag([...singularValues])).mmul(right.transpose());
        expect(frobenius(Matrix.sub(back, matrix))).toBeLessThan(1e-12 * Math.max(1, frobenius(matrix)));
        for (const vectors of [left, right])
          expect(frobenius(Matrix.sub(vectors.transpose().mmul(vectors), Matrix.eye(d)))).toBeLessThan(1e-12);
      }),
    );
  });

  it('has a lower rank where its matrices have, down to none', () => {
    const full = headOf(6, 4, 1);
    const query = full.query.clone();
    query.setColumn(2, query.getColumn(0));
    expect(headScores({ ...full, query }).rank).toBe(3);
    expect(headScores({ ...full, query: Matrix.zeros(6, 4) })).toMatchObject({ rank: 0, singularValues: [0, 0, 0, 0] });
  });

  it('has a canonical form with the same A, balanced', () => {
    fc.assert(
      fc.property(sizes, seeds, ([n, d], seed) => {
        const head = headOf(n, d, seed);
        const scores = headScores(head);
        const { query, key } = canonicalHead('canonical', scores);
        expect(frobenius(Matrix.sub(query.mmul(key.transpose()), scores.matrix))).toBeLessThan(1e-11);
        expect(Math.abs(frobenius(query) - frobenius(key))).toBeLessThan(1e-11);
      }),
    );
    const nothing = headScores({ name: 'nothing', query: Matrix.zeros(3, 2), key: Matrix.zeros(3, 2) });
    expect(canonicalHead('nothing', nothing).query.to1DArray()).toEqual([0, 0, 0]);
  });

  it('saves d² numbers as a matrix of rank d', () => {
    expect(headParameters(16, 4, 4)).toEqual({ factors: 128, free: 112, saved: 16 });
    expect(headParameters(5, 5, 5)).toEqual({ factors: 50, free: 25, saved: 25 });
  });

  it.each([
    [
      { query: Matrix.zeros(3, 2), key: Matrix.zeros(3, 1) },
      'h: query and key of one shape are expected, [3, 2] and [3, 1]',
    ],
    [{ query: Matrix.zeros(2, 3), key: Matrix.zeros(2, 3) }, 'h: a dimension from 1 to the embedding'],
    [{ query: new Matrix([[1], [Number.NaN]]), key: Matrix.zeros(2, 1) }, 'h: query[1, 0] is no finite number'],
  ])('is refused when it is none', (matrices, message) => {
    expect(() => headScores({ name: 'h', ...matrices })).toThrow(message);
  });
});

describe('two heads', () => {
  it('are the same up to an invertible B, which is found', () => {
    fc.assert(
      fc.property(sizes, seeds, fc.integer({ min: 0, max: 6 }), ([n, d], seed, digits) => {
        const head = headOf(n, d, seed);
        const link = linkOf(d, 10 ** digits, seed);
        // turning rounds too, by as much as B and its inverse are apart in size: more than the heads' own numbers tell
        const { query, key } = head;
        const tolerance =
          (n * precisionOf.float64 * frobenius(query) * frobenius(key) * 10 ** digits) /
            frobenius(query.mmul(key.transpose())) +
          1e-12;
        const { same, distance, link: found } = compare(head, turned(head, link), { tolerance });
        expect(same).toBe(true);
        expect(distance).toBeLessThan(1e-6);
        expect(found!.unique).toBe(true);
        expect(Math.max(found!.residuals.query, found!.residuals.key)).toBeLessThan(1e-8);
        // as many digits are lost as the heads and B have in their conditions
        const lost = conditionOf(head.query) * conditionOf(head.key) * 10 ** digits;
        expect(frobenius(Matrix.sub(found!.matrix, link)) / frobenius(link)).toBeLessThan(1e-13 * lost + 1e-12);
      }),
    );
  });

  it('are others where nothing links them, or what links them is singular', () => {
    fc.assert(
      fc.property(sizes, seeds, ([n, d], seed) => {
        const { same, link, distance } = compare(headOf(n, d, seed), headOf(n, d, seed + 1));
        expect({ same, link }).toEqual({ same: false, link: undefined });
        expect(distance).toBeGreaterThan(0);
        expect(distance).toBeLessThanOrEqual(2);
      }),
    );
    const head = headOf(5, 3, 1);
    const singular = Matrix.diag([1, 1, 0]);
    expect(compare(head, { ...head, query: head.query.mmul(singular) }).same).toBe(false);
  });

  it('are nearly the same by a distance that grows with the difference', () => {
    const head = headOf(8, 3, 2);
    const [near, far] = [1e-6, 1e-2].map((size) => {
      const query = Matrix.add(head.query, normalMatrix(8, 3, size, 5, 'noise'));
      return compare(head, { ...head, query });
    });
    expect(near!.distance).toBeLessThan(1e-4);
    expect(far!.distance).toBeGreaterThan(100 * near!.distance);
    expect([near!.same, far!.same]).toEqual([false, false]);
    const query = Matrix.add(head.query, normalMatrix(8, 3, 1e-6, 5, 'noise'));
    expect(compare(head, { ...head, query }, { tolerance: 1e-3 }).same).toBe(true);
  });

  it('of lower rank are linked by a B that is not the only one, or by none', () => {
    const { query, key } = headOf(6, 3, 3);
    const [flatQuery, flatKey] = [query, key].map((matrix) => {
      const flat = matrix.clone();
      flat.setColumn(2, Array(6).fill(0));
      return flat;
    }) as [Matrix, Matrix];
    const flat = { name: 'flat', query: flatQuery, key: flatKey };
    const { same, link } = compare(flat, turned(flat, linkOf(3, 10, 4)));
    expect(same).toBe(true);
    expect(link!.unique).toBe(false);
    expect(Math.max(link!.residuals.query, link!.residuals.key)).toBeLessThan(1e-10);
    expect(link!.condition).toBeLessThan(1e6);
    // the same A, but a query that no B can take away
    expect(compare(flat, { ...flat, query })).toMatchObject({ same: true, link: undefined });
    const nothing = { name: 'nothing', query: Matrix.zeros(4, 2), key: Matrix.zeros(4, 2) };
    expect(compare(nothing, nothing)).toMatchObject({ same: true, distance: 0, link: { unique: false } });
  });

  it('in single precision are the same as far as that goes', () => {
    const head = headOf(12, 4, 6);
    const single = (given: AttentionHead): AttentionHead => {
      const round = (matrix: Matrix) =>
        Matrix.from1DArray(matrix.rows, matrix.columns, Float32Array.from(matrix.to1DArray()));
      return { ...given, query: round(given.query), key: round(given.key) };
    };
    const [one, other] = [single(head), single(turned(head, linkOf(4, 3, 7)))];
    const scores = [one, other].map((each) => headScores(each, precisionOf.float32));
    expect(compare(one, other).same).toBe(false);
    const found = compareHeads([one, scores[0]!], [other, scores[1]!], { precision: precisionOf.float32 });
    expect(found.same).toBe(true);
    expect(found.link!.residuals.query).toBeLessThan(1e-5);
  });
});

describe('the heads of a layer', () => {
  it('are told apart, and those that are the same found with what links them', () => {
    const { heads, links } = generateHeads({ embedding: 16, dimension: 4, heads: 3, equivalent: true, seed: 1 });
    const [alone] = generateHeads({ embedding: 16, dimension: 4, heads: 1, equivalent: false, seed: 2 }).heads;
    const found = examineHeads([...heads, alone!], { length: 12, seed: 1 });
    expect(found.equivalent).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    for (const { differences } of found.heads)
      expect(Math.max(differences.plain, differences.scaled)).toBeLessThan(1e-12);
    for (const {
      same,
      probabilities,
      canonical,
      link,
      heads: [one, other],
    } of found.pairs) {
      expect(same).toBe(other !== 3);
      if (!same) expect(probabilities).toBeGreaterThan(1e-3);
      else {
        expect(probabilities).toBeLessThan(1e-12);
        expect(canonical).toBeLessThan(1e-10);
      }
      if (one !== 0 || !same) continue;
      const known = links[other]!;
      expect(frobenius(Matrix.sub(link!.matrix, known)) / frobenius(known)).toBeLessThan(1e-8);
    }
  });
});
