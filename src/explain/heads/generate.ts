import { inverse, Matrix } from 'ml-matrix';
import { UsageError } from '../../errors.js';
import { fillNormal, stream } from '../../tensor/random.js';
import type { AttentionHead } from './head.js';

export interface GenerateOptions {
  /** Size of an input, n. */
  readonly embedding: number;
  /** Size of queries and keys, d, from 1 to n. */
  readonly dimension: number;
  readonly heads: number;
  /** Makes every head after the first the first one by another invertible B. */
  readonly equivalent: boolean;
  readonly seed: number;
}

export interface GeneratedHeads {
  readonly heads: readonly AttentionHead[];
  /** By head, the B that made it of the first; empty unless they are equivalent. */
  readonly links: readonly (Matrix | undefined)[];
}

/** A matrix of standard normal numbers, scaled. */
export function normalMatrix(
  rows: number,
  columns: number,
  scale: number,
  seed: number,
  ...key: (string | number)[]
): Matrix {
  const values = fillNormal(stream(seed, ...key), new Float32Array(rows * columns));
  return Matrix.from1DArray(rows, columns, values).mul(scale);
}

/** @throws UsageError when the dimension is above the embedding */
export function generateHeads({ embedding, dimension, heads, equivalent, seed }: GenerateOptions): GeneratedHeads {
  if (dimension > embedding)
    throw new UsageError(`dimension: at most the embedding of ${embedding} is expected, ${dimension} came`);
  const draw = (what: string, head: number): Matrix =>
    normalMatrix(embedding, dimension, 1 / Math.sqrt(embedding), seed, what, head);
  const made: AttentionHead[] = [];
  const links: (Matrix | undefined)[] = [];
  for (let head = 0; head < heads; head++) {
    const name = `head ${head}`;
    if (head === 0 || !equivalent) {
      made.push({ name, query: draw('query', head), key: draw('key', head) });
      links.push(undefined);
      continue;
    }
    const link = normalMatrix(dimension, dimension, 1, seed, 'link', head);
    const [first] = made as [AttentionHead];
    made.push({ name, query: first.query.mmul(link), key: first.key.mmul(inverse(link).transpose()) });
    links.push(link);
  }
  return { heads: made, links };
}
