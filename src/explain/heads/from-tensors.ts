import { Matrix } from 'ml-matrix';
import { LegendaError, UsageError } from '../../errors.js';
import { formatShape, type Shape } from '../../tensor/shape.js';
import { formatType, type Tensor, toNumbers } from '../../tensor/tensor.js';
import { type AttentionHead, precisionOf } from './head.js';

/** Tensors of a file, read when they are needed. */
export type NamedTensors = ReadonlyMap<string, { readonly shape: Shape; read(): Tensor }>;

export interface HeadTensors {
  /** Names of the tensors with W_Q and W_K of all heads, side by side. */
  readonly query?: string;
  readonly key?: string;
  /** Name of one with W_Q, W_K and W_V below each other, such as PyTorch's `in_proj_weight`. */
  readonly packed?: string;
  /** How many heads there are in a tensor, from 1. */
  readonly heads: number;
  /**
   * What a tensor's rows are: `outputs`, [heads·d, n], as PyTorch's Linear has them, or `inputs`, [n, heads·d], as a
   * MatMul of an ONNX file.
   */
  readonly rows: 'inputs' | 'outputs';
}

const packedName = /(^|\.)in_proj_weight$/u;

/**
 * The heads of a layer, and the precision that its numbers came in. Without any names the file's only `in_proj_weight` is taken.
 * @throws UsageError when names do not go together, or none is given and there is not one `in_proj_weight`
 * @throws LegendaError when a tensor is missing, is no float matrix, or cannot be cut into so many heads
 */
export function headsOf(
  tensors: NamedTensors,
  options: HeadTensors,
): { readonly heads: readonly AttentionHead[]; readonly precision: number } {
  const { heads: count } = options;
  const pair = readPair(tensors, options);
  const [query, key] = pair.matrices;
  const d = query.columns / count;
  if (!Number.isInteger(d))
    throw new LegendaError(`${pair.name}: ${query.columns} columns of queries cannot be cut into ${count} heads`);
  if (key.rows !== query.rows || key.columns !== query.columns)
    throw new LegendaError(
      `${pair.name}: queries [${query.rows}, ${query.columns}] and keys [${key.rows}, ${key.columns}] are not of one shape`,
    );
  const part = (matrix: Matrix, head: number): Matrix =>
    matrix.subMatrix(0, matrix.rows - 1, head * d, (head + 1) * d - 1);
  const heads = Array.from({ length: count }, (_, head) => ({
    name: `head ${head}`,
    query: part(query, head),
    key: part(key, head),
  }));
  return { heads, precision: pair.precision };
}

interface Pair {
  readonly name: string;
  /** [n, heads·d] each. */
  readonly matrices: readonly [Matrix, Matrix];
  readonly precision: number;
}

function readPair(tensors: NamedTensors, { query, key, packed, rows }: HeadTensors): Pair {
  if ((query === undefined) !== (key === undefined)) throw new UsageError('query and key: both or none are expected');
  if (query !== undefined && packed !== undefined)
    throw new UsageError('packed: a tensor that has queries and keys in place of both is expected, both came');
  if (query !== undefined) {
    const parts = [matrixNamed(tensors, query, rows), matrixNamed(tensors, key!, rows)] as const;
    const precision = Math.max(...parts.map((part) => part.precision));
    return { name: `${query} and ${key}`, matrices: [parts[0].matrix, parts[1].matrix], precision };
  }
  const name = packed ?? onlyPacked(tensors);
  const { matrix, precision } = matrixNamed(tensors, name, packed === undefined ? 'outputs' : rows);
  const width = matrix.columns / 3;
  if (!Number.isInteger(width))
    throw new LegendaError(`${name}: queries, keys and values are expected, ${matrix.columns} is no multiple of 3`);
  const part = (at: number): Matrix => matrix.subMatrix(0, matrix.rows - 1, at * width, (at + 1) * width - 1);
  return { name, matrices: [part(0), part(1)], precision };
}

function onlyPacked(tensors: NamedTensors): string {
  const found = [...tensors.keys()].filter((name) => packedName.test(name));
  if (found.length === 1) return found[0]!;
  const what = found.length === 0 ? 'no tensor is' : `${found.join(', ')} are`;
  throw new UsageError(`name the tensors of queries and keys (query, key, or packed): ${what} an in_proj_weight`);
}

/** A tensor as [n, outputs]. */
function matrixNamed(
  tensors: NamedTensors,
  name: string,
  rows: HeadTensors['rows'],
): { readonly matrix: Matrix; readonly precision: number } {
  const found = tensors.get(name);
  if (found === undefined) {
    const matrices = [...tensors].filter(([, { shape }]) => shape.length === 2).map(([other]) => other);
    const some = matrices.slice(0, 12).join(', ') + (matrices.length > 12 ? ', …' : '');
    throw new LegendaError(`there is no tensor "${name}"; matrices are ${some === '' ? 'none' : some}`);
  }
  if (found.shape.length !== 2 || found.shape.includes(0))
    throw new LegendaError(`"${name}" is ${formatShape(found.shape)}, a matrix is expected`);
  const tensor = found.read();
  if (tensor.dtype !== 'float32' && tensor.dtype !== 'float64')
    throw new LegendaError(`"${name}" is ${formatType(tensor)}, floats are expected`);
  const [height, width] = tensor.shape as [number, number];
  const matrix = Matrix.from1DArray(height, width, toNumbers(tensor));
  return { matrix: rows === 'inputs' ? matrix : matrix.transpose(), precision: precisionOf[tensor.dtype] };
}
