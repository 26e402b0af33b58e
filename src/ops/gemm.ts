import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { broadcastShapes, formatShape, sameShape, sizeOf } from '../tensor/shape.js';
import { gemm, mul } from './build.js';
import { requireSameDType, unbroadcast } from './elementwise.js';
import { allInputs } from './emit.js';
import { broadcastReader } from './evaluate.js';
import type { Op } from './op.js';

export type GemmAttributes = {
  readonly alpha: number;
  readonly beta: number;
  readonly transA: boolean;
  readonly transB: boolean;
};

export const Gemm: Op<GemmAttributes> = {
  infer: ([a, b, c], { transA, transB }) => {
    if (a!.shape.length !== 2 || b!.shape.length !== 2) throw new LegendaError('two matrices are expected');
    const [rows, inner] = transA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
    const [other, columns] = transB ? [b!.shape[1]!, b!.shape[0]!] : [b!.shape[0]!, b!.shape[1]!];
    if (inner !== other) throw new LegendaError(`input has ${inner} features, weight expects ${other}`);
    if (c !== undefined && !sameShape(broadcastShapes(c.shape, [rows, columns]), [rows, columns])) {
      throw new LegendaError(`${formatShape(c.shape)} does not broadcast to ${formatShape([rows, columns])}`);
    }
    return [{ dtype: requireSameDType([a!, b!, ...(c ? [c] : [])]), shape: [rows, columns] }];
  },
  emit: ({ inputs, attributes: { alpha, beta, transA, transB } }) => ({
    opType: 'Gemm',
    attributes: {
      alpha: { float: alpha },
      beta: { float: beta },
      transA: { int: Number(transA) },
      transB: { int: Number(transB) },
    },
    inputs: allInputs(inputs.length),
  }),
  read: (call) => ({
    inputs: allInputs(call.inputs.filter((input) => input !== undefined).length),
    attributes: {
      alpha: call.float('alpha') ?? 1,
      beta: call.float('beta') ?? 1,
      transA: call.int('transA') === 1,
      transB: call.int('transB') === 1,
    },
  }),
  vjp: ({ inputs: [a, b, c], attributes: { alpha, beta, transA, transB } }, g) => [
    // G·op(B)ᵀ, transposed when A was
    () =>
      transA
        ? gemm(b!, g!, undefined, { alpha, transA: transB, transB: true })
        : gemm(g!, b!, undefined, { alpha, transB: !transB }),
    () =>
      transB
        ? gemm(g!, a!, undefined, { alpha, transA: true, transB: transA })
        : gemm(a!, g!, undefined, { alpha, transA: !transA }),
    () => unbroadcast(scaled(g!, beta), c!),
  ],
  evaluate: ([a, b, c], { alpha, beta, transA, transB }, [y]) => {
    const [rows, columns] = y!.shape as [number, number];
    const inner = transA ? a!.shape[0]! : a!.shape[1]!;
    const readC = c && broadcastReader(c.shape, y!.shape);
    const result = new Float64Array(sizeOf(y!.shape));
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const left = transA ? a!.data[k * rows + i]! : a!.data[i * inner + k]!;
          sum += left * (transB ? b!.data[j * inner + k]! : b!.data[k * columns + j]!);
        }
        result[i * columns + j] = alpha * sum + (c && readC ? beta * c.data[readC([i, j])]! : 0);
      }
    }
    return [result];
  },
  cases: [
    {
      name: 'second transposed, scaled',
      inputs: [{ shape: [2, 3] }, { shape: [4, 3] }, { shape: [1, 4] }],
      attributes: { alpha: -1.5, beta: 0.5, transA: false, transB: true },
    },
    {
      name: 'no rows',
      inputs: [{ shape: [0, 3] }, { shape: [3, 2] }, { shape: [2] }],
      attributes: { alpha: 1, beta: 1, transA: false, transB: false },
    },
    {
      name: 'inner size 0',
      inputs: [{ shape: [2, 0] }, { shape: [0, 3] }, { shape: [3] }],
      attributes: { alpha: 1, beta: 1, transA: false, transB: false },
    },
    {
      name: 'plain',
      inputs: [{ shape: [2, 3] }, { shape: [3, 4] }],
      attributes: { alpha: 1, beta: 1, transA: false, transB: false },
    },
    {
      name: 'linear layer',
      inputs: [{ shape: [2, 3] }, { shape: [4, 3] }, { shape: [4] }],
      attributes: { alpha: 1, beta: 1, transA: false, transB: true },
    },
    {
      name: 'first transposed',
      inputs: [{ shape: [3, 2] }, { shape: [3, 4] }, { shape: [2, 1] }],
      attributes: { alpha: 0.5, beta: -2, transA: true, transB: false },
    },
    {
      name: 'both transposed',
      inputs: [{ shape: [3, 2] }, { shape: [4, 3] }, { shape: [] }],
      attributes: { alpha: 2, beta: 1, transA: true, transB: true },
    },
    {
      name: 'size 1',
      inputs: [{ shape: [1, 1] }, { shape: [1, 1] }, { shape: [1, 1] }],
      attributes: { alpha: 1, beta: 1, transA: false, transB: false },
    },
  ],
};

const scaled = (g: Value, by: number): Value => (by === 1 ? g : mul(g, by));
