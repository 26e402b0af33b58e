import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { broadcastShapes, formatShape, sizeOf } from '../tensor/shape.js';
import { matmul, reshape, transpose } from './build.js';
import { type NoAttributes, requireSameDType, unbroadcast } from './elementwise.js';
import { broadcastReader, forEachIndex } from './evaluate.js';
import type { Op } from './op.js';

/** Vectors as ONNX (and numpy) take them: a row on the left, a column on the right. */
const asRow = (shape: readonly number[]): readonly number[] => (shape.length === 1 ? [1, ...shape] : shape);
const asColumn = (shape: readonly number[]): readonly number[] => (shape.length === 1 ? [...shape, 1] : shape);

const swapLast = (x: Value): Value => {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
};

export const MatMul: Op<NoAttributes> = {
  infer: ([a, b]) => {
    const [left, right] = [asRow(a!.shape), asColumn(b!.shape)];
    if (left.length < 2 || right.length < 2 || left.at(-1) !== right.at(-2)) {
      throw new LegendaError(`cannot multiply ${formatShape(a!.shape)} by ${formatShape(b!.shape)}`);
    }
    const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
    const rows = a!.shape.length === 1 ? [] : [left.at(-2)!];
    const columns = b!.shape.length === 1 ? [] : [right.at(-1)!];
    return [{ dtype: requireSameDType([a!, b!]), shape: [...batch, ...rows, ...columns] }];
  },
  emit: () => ({ opType: 'MatMul' }),
  read: () => ({ inputs: [0, 1], attributes: {} }),
  vjp: ({ inputs: [a, b] }, g) => {
    const left = asRow(a!.shape);
    const right = asColumn(b!.shape);
    const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
    const full = (): Value => reshape(g!, [...batch, left.at(-2)!, right.at(-1)!]);
    return [
      () => reshape(unbroadcast(matmul(full(), swapLast(reshape(b!, right))), { shape: left }), a!.shape),
      () => reshape(unbroadcast(matmul(swapLast(reshape(a!, left)), full()), { shape: right }), b!.shape),
    ];
  },
  evaluate: ([a, b]) => {
    const left = asRow(a!.shape);
    const right = asColumn(b!.shape);
    const [rows, inner, columns] = [left.at(-2)!, left.at(-1)!, right.at(-1)!];
    const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
    const readLeft = broadcastReader(left.slice(0, -2), batch);
    const readRight = broadcastReader(right.slice(0, -2), batch);
    const result = new Float64Array(sizeOf(batch) * rows * columns);
    forEachIndex(batch, (index, position) => {
      const offsets = [readLeft(index) * rows * inner, readRight(index) * inner * columns] as const;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let k = 0; k < inner; k++) {
            sum += a!.data[offsets[0] + i * inner + k]! * b!.data[offsets[1] + k * columns + j]!;
          }
          result[(position * rows + i) * columns + j] = sum;
        }
      }
    });
    return [result];
  },
  cases: [
    { name: 'row by batch', inputs: [{ shape: [3] }, { shape: [2, 3, 2] }], attributes: {} },
    { name: 'size 1', inputs: [{ shape: [1, 1, 1] }, { shape: [1, 1] }], attributes: {} },
    { name: 'no batch', inputs: [{ shape: [0, 2, 3] }, { shape: [3, 2] }], attributes: {} },
    { name: 'matrices', inputs: [{ shape: [2, 3] }, { shape: [3, 4] }], attributes: {} },
    { name: 'batched', inputs: [{ shape: [2, 2, 3] }, { shape: [2, 3, 1] }], attributes: {} },
    { name: 'batch repeated on the right', inputs: [{ shape: [2, 2, 3] }, { shape: [3, 2] }], attributes: {} },
    { name: 'batch repeated on both sides', inputs: [{ shape: [2, 1, 2, 3] }, { shape: [3, 3, 2] }], attributes: {} },
    { name: 'row by matrix', inputs: [{ shape: [3] }, { shape: [3, 2] }], attributes: {} },
    { name: 'batch by column', inputs: [{ shape: [2, 2, 3] }, { shape: [3] }], attributes: {} },
    { name: 'vectors', inputs: [{ shape: [3] }, { shape: [3] }], attributes: {} },
    { name: 'inner size 0', inputs: [{ shape: [2, 0] }, { shape: [0, 3] }], attributes: {} },
  ],
};
