import type { Case, CaseInput, NumberArray } from '../../src/ops/op.js';
import type { DType } from '../../src/tensor/dtype.js';
import { isFloat } from '../../src/tensor/dtype.js';
import { permutation, type Stream, stream, uniform } from '../../src/tensor/random.js';
import { type Shape, sizeOf } from '../../src/tensor/shape.js';

/** Values for a case's inputs: the given ones, else drawn from the stream of the op's and the case's name. */
export function drawCase(op: string, example: Case<unknown>): NumberArray[] {
  const random = stream(1, op, example.name);
  const slots = slotsApart(random, example.inputs);
  return example.inputs.map((input) => ({ shape: input.shape, data: drawInput(random, input, slots) }));
}

/** Values uniform in [low, high) that single precision holds exactly, so that every runtime gets the same numbers. */
export function drawUniform(random: Stream, shape: Shape, low = -2, high = 2): NumberArray {
  const data = Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(low + (high - low) * uniform(random)));
  return { shape, data };
}

function drawInput(random: Stream, input: CaseInput, slots: (apart: number) => number): Float64Array {
  const { shape, values, apart, dtype = 'float32', range: [low, high] = [-2, 2] } = input;
  if (values !== undefined) return Float64Array.from(values);
  if (!isFloat(dtype)) return Float64Array.from({ length: sizeOf(shape) }, () => whole(random, dtype, low, high));
  if (apart === undefined) return drawUniform(random, shape, low, high).data;
  return Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(slots(apart)));
}

const whole = (random: Stream, dtype: DType, low: number, high: number): number =>
  dtype === 'bool' ? Number(uniform(random) < 0.5) : Math.floor(low + (high + 1 - low) * uniform(random));

/** Hands out numbers spread over ±2, at least `apart` from one another and from zero: none twice in all of a case. */
function slotsApart(random: Stream, inputs: readonly CaseInput[]): (apart: number) => number {
  const count = inputs.reduce((sum, { shape, apart }) => sum + (apart === undefined ? 0 : sizeOf(shape)), 0);
  // twice as many as needed, so that their signs are not balanced
  const order = permutation(random, 2 * count);
  let next = 0;
  return (apart) => {
    const slot = order[next++]!;
    const width = Math.max(apart, 2 / (count + 1));
    return (slot < count ? -(slot + 1.25) : slot - count + 1.25) * width;
  };
}
