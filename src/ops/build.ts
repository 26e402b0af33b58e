/** The ops as functions of values: what layers, gradients and users write graphs with. Attributes have ONNX's names. */
import type { Attributes, Value } from '../graph/graph.js';
import type { DType } from '../tensor/dtype.js';
import { type Shape, sameShape } from '../tensor/shape.js';
import { scalar, type Tensor } from '../tensor/tensor.js';
import type { ConvAttributes, ConvTransposeAttributes } from './conv.js';
import type { Op } from './op.js';
import type { PoolAttributes } from './pool.js';
import { defaultResize, type ResizeAttributes } from './resize-attributes.js';
import type { OpName, ops } from './table.js';

type AttributesOf<N extends OpName> = (typeof ops)[N] extends Op<infer A> ? A : never;

/** Appends a node to the graph of its inputs. @throws LegendaError when inputs and attributes do not fit the op. */
export function apply<N extends OpName>(
  op: N,
  inputs: readonly Value[],
  attributes: AttributesOf<N>,
): readonly Value[] {
  return inputs[0]!.graph.apply(op, inputs, attributes as Attributes);
}

const one = <N extends OpName>(op: N, inputs: readonly Value[], attributes: AttributesOf<N>): Value =>
  apply(op, inputs, attributes)[0]!;

/** A constant in the graph of `like`; a number becomes a scalar of its dtype. */
export const constant = (like: Value, value: number | Tensor): Value =>
  like.graph.constant(typeof value === 'number' ? scalar(value, like.dtype) : value);

type Operand = Value | number;
const pair = (a: Operand, b: Operand): [Value, Value] => {
  if (typeof a === 'number') return [constant(b as Value, a), b as Value];
  return [a, typeof b === 'number' ? constant(a, b) : b];
};

export const add = (a: Operand, b: Operand): Value => one('Add', pair(a, b), {});
export const sub = (a: Operand, b: Operand): Value => one('Sub', pair(a, b), {});
export const mul = (a: Operand, b: Operand): Value => one('Mul', pair(a, b), {});
export const div = (a: Operand, b: Operand): Value => one('Div', pair(a, b), {});
export const pow = (a: Operand, b: Operand): Value => one('Pow', pair(a, b), {});
export const maximum = (a: Operand, b: Operand): Value => one('Max', pair(a, b), {});
export const minimum = (a: Operand, b: Operand): Value => one('Min', pair(a, b), {});
export const equal = (a: Operand, b: Operand): Value => one('Equal', pair(a, b), {});
export const less = (a: Operand, b: Operand): Value => one('Less', pair(a, b), {});
export const lessOrEqual = (a: Operand, b: Operand): Value => one('LessOrEqual', pair(a, b), {});
export const greater = (a: Operand, b: Operand): Value => one('Greater', pair(a, b), {});
export const greaterOrEqual = (a: Operand, b: Operand): Value => one('GreaterOrEqual', pair(a, b), {});
export const and = (a: Value, b: Value): Value => one('And', [a, b], {});
export const or = (a: Value, b: Value): Value => one('Or', [a, b], {});
export const not = (a: Value): Value => one('Not', [a], {});
export const where = (condition: Value, a: Operand, b: Operand): Value => one('Where', [condition, ...pair(a, b)], {});

export const neg = (x: Value): Value => one('Neg', [x], {});
export const abs = (x: Value): Value => one('Abs', [x], {});
export const sign = (x: Value): Value => one('Sign', [x], {});
export const sqrt = (x: Value): Value => one('Sqrt', [x], {});
export const exp = (x: Value): Value => one('Exp', [x], {});
export const log = (x: Value): Value => one('Log', [x], {});
export const sin = (x: Value): Value => one('Sin', [x], {});
export const cos = (x: Value): Value => one('Cos', [x], {});
export const erf = (x: Value): Value => one('Erf', [x], {});
export const relu = (x: Value): Value => one('Relu', [x], {});
export const leakyRelu = (x: Value, alpha = 0.01): Value => one('LeakyRelu', [x], { alpha });
/** alpha·x + beta, limited to [0, 1]. */
export const hardSigmoid = (x: Value, alpha = 0.2, beta = 0.5): Value => one('HardSigmoid', [x], { alpha, beta });
export const sigmoid = (x: Value): Value => one('Sigmoid', [x], {});
export const tanh = (x: Value): Value => one('Tanh', [x], {});
export const identity = (x: Value): Value => one('Identity', [x], {});
export const cast = (x: Value, to: DType): Value => (x.dtype === to ? x : one('Cast', [x], { to }));
/** Limits to [min, max]; either may be left out. */
export const clip = (x: Value, min?: number, max?: number): Value => one('Clip', [x], { min, max });

export const softmax = (x: Value, axis = -1): Value => one('Softmax', [x], { axis });
export const logSoftmax = (x: Value, axis = -1): Value => one('LogSoftmax', [x], { axis });

interface Reduction {
  /** All axes when left out. */
  readonly axes?: readonly number[] | undefined;
  /** False when left out: reduced axes go. */
  readonly keepdims?: boolean;
}
export const reduceSum = (x: Value, { axes, keepdims = false }: Reduction = {}): Value =>
  one('ReduceSum', [x], { axes, keepdims });
export const reduceMean = (x: Value, { axes, keepdims = false }: Reduction = {}): Value =>
  one('ReduceMean', [x], { axes, keepdims });
export const reduceMax = (x: Value, { axes, keepdims = false }: Reduction = {}): Value =>
  one('ReduceMax', [x], { axes, keepdims });
/** Position of the largest value along `axis` (the first of equals), int64. */
export const argMax = (x: Value, axis = -1, keepdims = false): Value => one('ArgMax', [x], { axis, keepdims });

/** The same elements in another shape; a value that has the shape already is returned as it is. */
export const reshape = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : one('Reshape', [x], { shape });
/** Two axes: those before `axis` as one, the others as one. */
export const flatten = (x: Value, axis = 1): Value => one('Flatten', [x], { axis });
/** Axis i of the result is axis `perm[i]` of x; reversed when left out. */
export const transpose = (x: Value, perm: readonly number[] = x.shape.map((_, i) => x.shape.length - 1 - i)): Value =>
  one('Transpose', [x], { perm });
export const squeeze = (x: Value, axes: readonly number[]): Value => one('Squeeze', [x], { axes });
export const unsqueeze = (x: Value, axes: readonly number[]): Value => one('Unsqueeze', [x], { axes });
/** Repeats size-1 axes (and adds axes in front) to reach `shape`. */
export const expand = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : one('Expand', [x], { shape });
export const concat = (values: readonly Value[], axis: number): Value =>
  values.length === 1 ? values[0]! : one('Concat', values, { axis });
/** Consecutive parts along an axis, of the given sizes. */
export const split = (x: Value, sizes: readonly number[], axis: number): readonly Value[] =>
  apply('Split', [x], { sizes, axis });
/** Elements starts[i], starts[i]+steps[i], … before ends[i] along axes[i]; bounds are clamped to the axis, as ONNX says. */
export const slice = (
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = starts.map((_, i) => i),
  steps: readonly number[] = starts.map(() => 1),
): Value => one('Slice', [x], { starts, ends, axes, steps });
/** Adds `value` around x: pads are all axes' begins, then all axes' ends; negative ones take away. */
export const pad = (x: Value, pads: readonly number[], value = 0): Value =>
  pads.every((p) => p === 0) ? x : one('Pad', [x], { pads, value });
/** Rows of x along `axis` at whole-number indices: with axis 0, an embedding. */
export const gather = (x: Value, indices: Value, axis = 0): Value => one('Gather', [x, indices], { axis });
/** x with `updates` added at the rows that `indices` [..., k] name. */
export const scatterAdd = (x: Value, indices: Value, updates: Value): Value =>
  one('ScatterND', [x, indices, updates], { reduction: 'add' });
/** x with `updates` in place of the rows that `indices` [..., k] name, each once. */
export const scatter = (x: Value, indices: Value, updates: Value): Value =>
  one('ScatterND', [x, indices, updates], { reduction: 'none' });
/** 1 where the new axis's position is the index, 0 elsewhere. Indices outside [-depth, depth) give all zeros. */
export const oneHot = (indices: Value, depth: number, axis = -1, dtype: DType = 'float32'): Value =>
  one('OneHot', [indices], { depth, axis, dtype });
export const depthToSpace = (x: Value, blocksize: number): Value => one('DepthToSpace', [x], { blocksize });
export const spaceToDepth = (x: Value, blocksize: number): Value => one('SpaceToDepth', [x], { blocksize });

/** Product over the last two axes; the axes before broadcast. */
export const matmul = (a: Value, b: Value): Value => one('MatMul', [a, b], {});
interface GemmOptions {
  readonly alpha?: number;
  readonly beta?: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
}
/** alpha·A·B + beta·C with either matrix transposed; c broadcasts. */
export const gemm = (a: Value, b: Value, c?: Value, options: GemmOptions = {}): Value => {
  const { alpha = 1, beta = 1, transA = false, transB = false } = options;
  return one('Gemm', c === undefined ? [a, b] : [a, b, c], { alpha, beta, transA, transB });
};

/** x [N, C, H, W], w [M, C/group, kH, kW], b [M] → [N, M, H', W'] (any number of spatial axes). */
export const conv = (x: Value, w: Value, b: Value | undefined, attributes: ConvAttributes): Value =>
  one('Conv', b === undefined ? [x, w] : [x, w, b], attributes);
/** The adjoint of `conv` in x: x [N, M, …], w [M, C/group, kH, kW] → [N, C, …]. */
export const convTranspose = (x: Value, w: Value, attributes: ConvTransposeAttributes): Value =>
  one('ConvTranspose', [x, w], attributes);
export const maxPool = (x: Value, attributes: PoolAttributes): Value => one('MaxPool', [x], attributes);
export const averagePool = (x: Value, attributes: PoolAttributes & { readonly countIncludePad: boolean }): Value =>
  one('AveragePool', [x], attributes);
/** The elements of `sizes` places along each axis, nearest or means of several. */
export const resize = (x: Value, sizes: Shape, how: Partial<Omit<ResizeAttributes, 'sizes'>> = {}): Value =>
  one('Resize', [x], { ...defaultResize, ...how, sizes });
export const globalAveragePool = (x: Value): Value => one('GlobalAveragePool', [x], {});

/** Inference form: (x - mean) / sqrt(var + epsilon) · scale + bias over axis 1; all four are [C]. */
export const batchNormalization = (
  x: Value,
  scale: Value,
  bias: Value,
  mean: Value,
  variance: Value,
  epsilon = 1e-5,
): Value => one('BatchNormalization', [x, scale, bias, mean, variance], { epsilon });
/** Normalised over the axes from `axis` on, then times scale plus bias (their shape is x's from `axis` on). */
export const layerNormalization = (x: Value, scale: Value, bias: Value | undefined, axis = -1, epsilon = 1e-5): Value =>
  one('LayerNormalization', bias === undefined ? [x, scale] : [x, scale, bias], { axis, epsilon });
