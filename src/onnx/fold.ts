import { LegendaError } from '../errors.js';
import type { Attributes } from '../graph/graph.js';
import type { OpName } from '../ops/table.js';
import { opOf } from '../ops/table.js';
import { allocate } from '../tensor/dtype.js';
import { sizeOf } from '../tensor/shape.js';
import { formatType, type Tensor, type TensorType, toNumbers } from '../tensor/tensor.js';
import { checkShape } from './read-tensor.js';

/** The references of these are too slow for anything but tests; their results are left to the runtime. */
const heavy: ReadonlySet<string> = new Set<OpName>([
  'AveragePool',
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'MaxPool',
  'Resize',
] satisfies OpName[]);

/**
 * Elements that one file may have computed while it is read, and filled with one value. What is small, as shapes are, has as many of its
 * own, so that masks leave some.
 */
const maxComputed = 2 ** 22;
const maxFilled = 2 ** 26;
const small = 2 ** 10;

/** Computes ops whose inputs are all known, by their references in double precision. */
export class Folder {
  #computed = 0;
  #small = 0;
  #filled = 0;

  /** The results, or `undefined` where the op is better left in the graph. */
  fold(op: string, inputs: readonly Tensor[], attributes: Attributes): Tensor[] | undefined {
    if (heavy.has(op)) return undefined;
    const record = opOf(op);
    const types = record.infer(inputs, attributes);
    for (const { shape } of types) checkShape(shape, 'a result');
    const elements = [...inputs, ...types].reduce((sum, { shape }) => sum + sizeOf(shape) + 1, 0);
    if (!this.#takes(elements)) return undefined;
    const numbers = inputs.map((input) => ({ shape: input.shape, data: toNumbers(input) }));
    const results = record.evaluate(numbers, attributes, types);
    // what an infinity becomes as a whole number is the runtime's to say
    if (op === 'Cast' && isWhole(types[0]!) && !results[0]!.every(Number.isFinite)) return undefined;
    return results.map((data, index) => fromNumbers(types[index]!, data));
  }

  /** @throws LegendaError when a file has too much computed */
  spend(elements: number): void {
    if (!this.#takes(elements)) {
      throw new LegendaError(`more than ${maxComputed} values would be computed while the model is read`);
    }
  }

  /** Whether so many may be computed still; then they count. */
  #takes(elements: number): boolean {
    if (elements <= small && this.#small + elements <= maxComputed) this.#small += elements;
    else if (this.#computed + elements <= maxComputed) this.#computed += elements;
    else return false;
    return true;
  }

  /** Room for a result that an op of the file makes up. @throws LegendaError when it is too large */
  allocate(type: TensorType): Tensor {
    checkShape(type.shape, 'the result');
    const elements = sizeOf(type.shape);
    this.#filled += elements;
    if (this.#filled > maxFilled) {
      throw new LegendaError(`the result ${formatType(type)} is too large for a constant`);
    }
    return { dtype: type.dtype, shape: type.shape, data: allocate(type.dtype, elements) };
  }
}

const isWhole = ({ dtype }: TensorType): boolean => !dtype.startsWith('float');

/** Doubles as a dtype: whole numbers are cut towards zero, truth values are 0 and 1. */
export function fromNumbers({ dtype, shape }: TensorType, numbers: Float64Array): Tensor {
  const data = allocate(dtype, numbers.length);
  if (dtype === 'float32' || dtype === 'float64') (data as Float64Array).set(numbers);
  else if (dtype === 'bool') (data as Uint8Array).set(numbers.map((value) => Number(value !== 0)));
  else if (data instanceof BigInt64Array) data.set(Array.from(numbers, toInt64));
  else (data as Int32Array).set(numbers.map((value) => whole(value)));
  return { dtype, shape, data };
}

const int64Limit = 2n ** 63n;

/** The largest int64, which stands for "to the end", is no double: its neighbour 2^63 is taken back. */
function toInt64(value: number): bigint {
  const integer = BigInt(whole(value));
  if (integer >= int64Limit) return int64Limit - 1n;
  return integer < -int64Limit ? -int64Limit : integer;
}

function whole(value: number): number {
  if (!Number.isFinite(value)) throw new LegendaError(`${value} is no whole number`);
  return Math.trunc(value);
}
