import type { Matrix } from 'ml-matrix';
import { LegendaError } from '../../errors.js';

/** What decides where one attention head looks. Rows are input features: a query is x·query. */
export interface AttentionHead {
  readonly name: string;
  /** W_Q, [n, d] */
  readonly query: Matrix;
  /** W_K, [n, d] */
  readonly key: Matrix;
}

/** @throws LegendaError naming the head when a matrix is of another shape or has numbers that are not finite */
export function checkHead({ name, query, key }: AttentionHead): void {
  const [n, d] = [query.rows, query.columns];
  if (key.rows !== n || key.columns !== d)
    throw new LegendaError(
      `${name}: query and key of one shape are expected, [${n}, ${d}] and [${key.rows}, ${key.columns}] came`,
    );
  if (d < 1 || d > n)
    throw new LegendaError(`${name}: a dimension from 1 to the embedding's ${n} is expected, it is ${d}`);
  for (const [what, matrix] of Object.entries({ query, key })) {
    const wrong = matrix.to1DArray().findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw new LegendaError(`${name}: ${what}[${Math.floor(wrong / d)}, ${wrong % d}] is no finite number`);
  }
}

/** Numbers of these many digits came in: 2⁻⁵² for double, 2⁻²³ for single precision. */
export const precisionOf = { float64: 2 ** -52, float32: 2 ** -23 } as const;
