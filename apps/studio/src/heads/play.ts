import { type AttentionHead, generateHeads } from 'legenda';
import { inverse, Matrix } from 'ml-matrix';

/** Two heads to play with. */
export interface Play {
  /** Size of an input, n. */
  readonly embedding: number;
  /** Size of queries and keys, d. */
  readonly dimension: number;
  readonly seed: number;
  /** What the second head is: the first by a B, or one of its own. */
  readonly relation: 'same' | 'own';
  /** B is a random matrix times this. */
  readonly scale: number;
  /** How much of another head's keys is added to the second's. */
  readonly disturbance: number;
}

/** The first head, and the second as W_Q·B and W_K·B⁻ᵀ, or with another seed. */
export function playHeads({ embedding, dimension, seed, relation, scale, disturbance }: Play): AttentionHead[] {
  const drawn = (own: number) =>
    generateHeads({ embedding, dimension, heads: 1, equivalent: false, seed: own }).heads[0]!;
  const first = { ...drawn(seed), name: 'head 1' };
  const other = { ...drawn(seed + 1), name: 'head 2' };
  if (relation === 'own') return [first, other];
  const link = linkOf(dimension, seed + 2).mul(scale);
  const key = first.key.mmul(inverse(link).transpose());
  if (disturbance > 0) key.add(Matrix.mul(other.key, disturbance / scale));
  return [first, { name: 'head 2', query: first.query.mmul(link), key }];
}

/** A random B [d, d], with as much on its diagonal as keeps it invertible. */
function linkOf(dimension: number, seed: number): Matrix {
  const { query } = generateHeads({ embedding: dimension, dimension, heads: 1, equivalent: false, seed }).heads[0]!;
  return Matrix.add(query, Matrix.eye(dimension, dimension, 2));
}
