import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import type { DType } from '../tensor/dtype.js';
import { broadcastAxes, broadcastShapes, type Shape, sameShape } from '../tensor/shape.js';
import type { TensorType } from '../tensor/tensor.js';
import { reduceSum, reshape } from './build.js';
import { evaluateBroadcast } from './evaluate.js';
import type { Case, CaseInput, OnnxSource, Op, Vjp } from './op.js';

export type NoAttributes = Readonly<Record<string, never>>;

export function requireSameDType(inputs: readonly TensorType[]): DType {
  const [first, ...others] = inputs;
  for (const other of others) {
    if (other.dtype !== first!.dtype) throw new LegendaError(`inputs are ${first!.dtype} and ${other.dtype}`);
  }
  return first!.dtype;
}

export const floats: readonly DType[] = ['float32', 'float64'];
export const numbers: readonly DType[] = [...floats, 'int32', 'int64'];

export function requireDType(inputs: readonly TensorType[], accepted: readonly DType[]): void {
  const other = inputs.find(({ dtype }) => !accepted.includes(dtype));
  if (other !== undefined) throw new LegendaError(`an input is ${other.dtype}, ${accepted.join(' or ')} is expected`);
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
  accepted: readonly DType[] = floats,
): Op<NoAttributes> {
  return {
    infer: ([x]) => {
      requireDType([x!], accepted);
      return [{ dtype: x!.dtype, shape: x!.shape }];
    },
    emit: () => ({ opType: name }),
    read: () => ({ inputs: [0], attributes: {} }),
    vjp: typeof vjp === 'string' ? vjp : ({ inputs: [x], outputs: [y] }, g) => [() => vjp(g!, x!, y!)],
    evaluate: ([x]) => [x!.data.map(f)],
    cases,
  };
}

type BinaryVjp = (g: Value, a: Value, b: Value, y: Value) => Value;

interface BinaryOptions {
  readonly accepted?: readonly DType[];
  /** The operands' dtype when left out. */
  readonly result?: DType;
}

/** An op of two tensors that broadcast; `vjp` gives the cotangents before they are summed back to the operands' shapes. */
export function binary(
  name: string,
  f: (a: number, b: number) => number,
  vjp: readonly [BinaryVjp, BinaryVjp] | Vjp<NoAttributes> | string,
  cases: readonly Case<NoAttributes>[],
  { accepted = numbers, result }: BinaryOptions = {},
): Op<NoAttributes> {
  return {
    infer: ([a, b]) => {
      requireDType([a!, b!], accepted);
      const dtype = requireSameDType([a!, b!]);
      return [{ dtype: result ?? dtype, shape: broadcastShapes(a!.shape, b!.shape) }];
    },
    emit: () => ({ opType: name }),
    read: () => ({ inputs: [0, 1], attributes: {} }),
    vjp:
      typeof vjp === 'string' || typeof vjp === 'function'
        ? vjp
        : ({ inputs: [a, b], outputs: [y] }, g) => [
            () => unbroadcast(vjp[0](g!, a!, b!, y!), a!),
            () => unbroadcast(vjp[1](g!, a!, b!, y!), b!),
          ],
    evaluate: (inputs, _, [y]) => [evaluateBroadcast(inputs, y!.shape, f as (...values: number[]) => number)],
    cases,
  };
}

/** A comparison of two tensors that broadcast. */
export const comparison = (
  name: string,
  f: (a: number, b: number) => boolean,
  accepted: readonly DType[] = numbers,
): Op<NoAttributes> =>
  binary(
    name,
    (a, b) => Number(f(a, b)),
    'a comparison is piecewise constant',
    [...broadcastCases({ apart: 0.01 }), equalsCase('float32'), equalsCase('int64')],
    { accepted, result: 'bool' },
  );

/** An op of two truth values that broadcast. */
export const logical = (name: string, f: (a: boolean, b: boolean) => boolean): Op<NoAttributes> =>
  binary(
    name,
    (a, b) => Number(f(a !== 0, b !== 0)),
    'a truth value has no derivative',
    broadcastCases({ dtype: 'bool' }),
    { accepted: ['bool'] },
  );

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
  { name: 'size 1', inputs: [{ shape: [1, 1], ...options }], attributes: {} },
  { name: 'size 0', inputs: [{ shape: [0, 2], ...options }], attributes: {} },
];

/** Some elements equal, some smaller, some larger. */
export const equalsCase = (dtype: DType): Case<NoAttributes> => ({
  name: `equal ${dtype}s`,
  inputs: [
    { shape: [4], dtype, values: [0, 1, 2, 3] },
    { shape: [4], dtype, values: [0, 2, 2, -3] },
  ],
  attributes: {},
  atKink: true,
});

/** Whole numbers, which only some kernels take. */
export const wholeCase = (count: 1 | 2): Case<NoAttributes> => ({
  name: 'whole numbers',
  inputs: [
    [7, -7, 0, 5],
    [2, 2, 3, -1],
  ]
    .slice(0, count)
    .map((values) => ({ shape: [4], dtype: 'int64', values })),
  attributes: {},
});
