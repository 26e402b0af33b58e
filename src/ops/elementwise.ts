import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import type { DType } from '../tensor/dtype.js';
import { broadcastAxes, broadcastShapes, type Shape, sameShape } from '../tensor/shape.js';
import type { TensorType } from '../tensor/tensor.js';
import { reduceSum, reshape } from './build.js';
import { evaluateBroadcast } from './evaluate.js';
import type { Case, CaseInput, OnnxSource, Op } from './op.js';

export type NoAttributes = Readonly<Record<string, never>>;

export function requireSameDType(inputs: readonly TensorType[]): DType {
  const [first, ...others] = inputs;
  for (const other of others) {
    if (other.dtype !== first!.dtype) throw new LegendaError(`inputs are ${first!.dtype} and ${other.dtype}`);
  }
  return first!.dtype;
}

export function requireBool(inputs: readonly TensorType[]): void {
  const other = inputs.find(({ dtype }) => dtype !== 'bool');
  if (other !== undefined) throw new LegendaError(`an input is ${other.dtype}, bool is expected`);
}

/** Sums a cotangent over the axes along which an operand was repeated: broadcasting's own vjp. */
export function unbroadcast(cotangent: Value, operand: { readonly shape: Shape }): Value {
  if (sameShape(cotangent.shape, operand.shape)) return cotangent;
  const axes = broadcastAxes(operand.shape, cotangent.shape);
  return reshape(reduceSum(cotangent, { axes, keepdims: true }), operand.shape);
}

/** An op of one tensor, element by element: `f` and its derivative as `(cotangent, x, y) → cotangent of x`. */
export function unary(
  name: string,
  f: (x: number) => number,
  vjp: ((g: Value, x: Value, y: Value) => Value) | string,
  cases: readonly Case<NoAttributes>[],
): Op<NoAttributes> {
  return {
    infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
    emit: () => ({ opType: name }),
    read: () => ({ inputs: [0], attributes: {} }),
    vjp: typeof vjp === 'string' ? vjp : ({ inputs: [x], outputs: [y] }, g) => [() => vjp(g!, x!, y!)],
    evaluate: ([x]) => [x!.data.map(f)],
    cases,
  };
}

type BinaryVjp = (g: Value, a: Value, b: Value, y: Value) => Value;

/** An op of two tensors that broadcast; `vjp` gives the cotangents before they are summed back to the operands' shapes. */
export function binary(
  name: string,
  f: (a: number, b: number) => number,
  vjp: readonly [BinaryVjp, BinaryVjp] | string,
  cases: readonly Case<NoAttributes>[],
  result?: DType,
): Op<NoAttributes> {
  return {
    infer: ([a, b]) => [{ dtype: result ?? requireSameDType([a!, b!]), shape: broadcastShapes(a!.shape, b!.shape) }],
    emit: () => ({ opType: name }),
    read: () => ({ inputs: [0, 1], attributes: {} }),
    vjp:
      typeof vjp === 'string'
        ? vjp
        : ({ inputs: [a, b], outputs: [y] }, g) => [
            () => unbroadcast(vjp[0](g!, a!, b!, y!), a!),
            () => unbroadcast(vjp[1](g!, a!, b!, y!), b!),
          ],
    evaluate: (inputs, _, [y]) => [evaluateBroadcast(inputs, y!.shape, f as (...values: number[]) => number)],
    cases,
  };
}

/** An op of two truth values (1 and 0), element by element. */
export function logical(name: string, f: (a: number, b: number) => number): Op<NoAttributes> {
  const base = binary(name, f, 'a truth value has no derivative', broadcastCases({ dtype: 'bool' }));
  return {
    ...base,
    infer: (inputs, attributes) => {
      requireBool(inputs);
      return base.infer(inputs, attributes);
    },
  };
}

/** ONNX's Max and Min take any number of inputs. */
export function readPair(call: OnnxSource): { inputs: number[]; attributes: NoAttributes } {
  if (call.inputs.length !== 2) throw new LegendaError(`${call.inputs.length} inputs are not supported, only 2`);
  return { inputs: [0, 1], attributes: {} };
}

/** Shapes that every broadcasting op is tried with. */
export const broadcastCases = (options: Omit<CaseInput, 'shape' | 'values'> = {}): readonly Case<NoAttributes>[] =>
  (
    [
      ['same shape', [2, 3], [2, 3]],
      ['scalar on the right', [2, 3], []],
      ['scalar on the left', [], [3]],
      ['both sides repeated', [2, 1, 3], [1, 4, 1]],
      ['axis added on the left', [3], [2, 3]],
      ['size 1', [1, 1], [1]],
      ['size 0', [0, 3], [1, 3]],
    ] as const
  ).map(([name, a, b]) => ({
    name,
    inputs: [
      { shape: a, ...options },
      { shape: b, ...options },
    ],
    attributes: {},
  }));

/** Shapes that every elementwise op of one tensor is tried with. */
export const unaryCases = (options: Omit<CaseInput, 'shape' | 'values'> = {}): readonly Case<NoAttributes>[] => [
  { name: 'matrix', inputs: [{ shape: [2, 5], ...options }], attributes: {} },
  { name: 'scalar', inputs: [{ shape: [], ...options }], attributes: {} },
  { name: 'size 0', inputs: [{ shape: [0, 2], ...options }], attributes: {} },
];
