import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { formatShape, normaliseAxis, type Shape, sizeOf } from '../tensor/shape.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { averagePool, constant, matmul, mul, reshape } from './build.js';
import { floats, requireDType } from './elementwise.js';
import { int64s } from './emit.js';
import {
  type CoordinateMode,
  coordinateModes,
  type Interpolation,
  nearestModes,
  type ResizeMode,
  sharesOf,
} from './interpolation.js';
import type { OnnxSource, Op } from './op.js';
import { defaultResize, type ResizeAttributes } from './resize-attributes.js';

/** Images of another size; by `mode`, every place is the nearest before or a mean of several. */
export const Resize: Op<ResizeAttributes> = {
  infer: (inputs, { sizes, scales }) => {
    requireDType(inputs, floats);
    const { dtype, shape } = inputs[0]!;
    const rank = shape.length;
    if (sizes.length !== rank || (scales !== undefined && scales.length !== rank))
      throw new LegendaError(`sizes ${formatShape(sizes)} do not fit ${formatShape(shape)}`);
    if (sizes.some((size) => !Number.isSafeInteger(size) || size < 0))
      throw new LegendaError(`sizes are ${formatShape(sizes)}, whole numbers are expected`);
    if (scales?.some((scale) => !(scale > 0 && Number.isFinite(scale))))
      throw new LegendaError(`scales are [${scales}], numbers above 0 are expected`);
    if (shape.some((size, axis) => size === 0 && sizes[axis] !== 0))
      throw new LegendaError('there is nothing to enlarge');
    return [{ dtype, shape: sizes }];
  },
  emit: ({ inputs: [x], attributes: { mode, coordinates, nearest, cubic, excludeOutside, sizes, scales } }) => ({
    opType: 'Resize',
    inputs:
      scales === undefined
        ? [0, undefined, undefined, int64s(sizes)]
        : [0, undefined, tensor('float32', [x!.shape.length], scales)],
    attributes: {
      mode: { string: mode },
      coordinate_transformation_mode: { string: coordinates },
      ...(mode === 'nearest' && { nearest_mode: { string: nearest } }),
      ...(mode === 'cubic' && {
        cubic_coeff_a: { float: cubic },
        exclude_outside: { int: Number(excludeOutside) },
      }),
    },
  }),
  read: (call) => ({ inputs: [0], attributes: { ...readModes(call), ...readSizes(call) } }),
  vjp: ({ inputs: [x], attributes }, g) => [() => resizeGradient(x!, g!, attributes)],
  evaluate: ([x], attributes) => {
    let { data, shape } = x!;
    attributes.sizes.forEach((to, axis) => {
      const shares = sharesOf(axisOf(x!.shape, attributes, axis));
      const inner = sizeOf(shape.slice(axis + 1));
      const from = shape[axis]!;
      shape = shape.with(axis, to);
      const result = new Float64Array(sizeOf(shape));
      for (let position = 0; position < result.length; position++) {
        const outer = Math.floor(position / (to * inner));
        const place = Math.floor(position / inner) % to;
        for (const [old, weight] of shares[place]!)
          result[position]! += weight * data[(outer * from + old) * inner + (position % inner)]!;
      }
      data = result;
    });
    return [data];
  },
  cases: [
    {
      name: 'doubled, nearest',
      inputs: [{ shape: [1, 2, 3, 4] }],
      attributes: of('nearest', [1, 2, 6, 8], 'asymmetric', { nearest: 'floor' }),
    },
    { name: 'nearest, odd sizes', inputs: [{ shape: [2, 1, 3, 5] }], attributes: of('nearest', [2, 1, 7, 3]) },
    {
      name: 'nearest, ceil',
      inputs: [{ shape: [1, 1, 4, 4] }],
      attributes: of('nearest', [1, 1, 6, 3], 'half_pixel', { nearest: 'ceil' }),
    },
    {
      name: 'nearest, by scales',
      inputs: [{ shape: [1, 1, 5, 3] }],
      attributes: of('nearest', [1, 1, 7, 4], 'asymmetric', { nearest: 'round_prefer_ceil', scales: [1, 1, 1.5, 1.5] }),
    },
    { name: 'linear, odd sizes', inputs: [{ shape: [1, 2, 3, 4] }], attributes: of('linear', [1, 2, 5, 7]) },
    { name: 'linear, smaller', inputs: [{ shape: [1, 2, 6, 7] }], attributes: of('linear', [1, 2, 2, 3]) },
    {
      name: 'linear, corners aligned',
      inputs: [{ shape: [1, 1, 3, 4] }],
      attributes: of('linear', [1, 1, 6, 9], 'align_corners'),
    },
    {
      name: 'linear, to one place',
      inputs: [{ shape: [1, 1, 4, 4] }],
      attributes: of('linear', [1, 1, 1, 2], 'pytorch_half_pixel'),
    },
    {
      name: 'linear, by scales',
      inputs: [{ shape: [1, 1, 5, 4] }],
      attributes: of('linear', [1, 1, 6, 5], 'half_pixel', { scales: [1, 1, 1.3, 1.3] }),
    },
    { name: 'linear, one axis', inputs: [{ shape: [2, 2, 5] }], attributes: of('linear', [2, 2, 8]) },
    { name: 'linear, three axes', inputs: [{ shape: [1, 1, 2, 3, 2] }], attributes: of('linear', [1, 1, 4, 5, 3]) },
    { name: 'cubic', inputs: [{ shape: [1, 2, 4, 5] }], attributes: of('cubic', [1, 2, 7, 8]) },
    {
      name: 'cubic, nothing beyond the ends',
      inputs: [{ shape: [1, 1, 4, 5] }],
      attributes: of('cubic', [1, 1, 9, 3], 'half_pixel', { excludeOutside: true, cubic: -0.5 }),
    },
    { name: 'the same size', inputs: [{ shape: [1, 1, 2, 3] }], attributes: of('linear', [1, 1, 2, 3]) },
    { name: 'size 1', inputs: [{ shape: [1, 1, 1, 1] }], attributes: of('nearest', [1, 1, 2, 3]) },
  ],
};

function of(
  mode: ResizeMode,
  sizes: Shape,
  coordinates: CoordinateMode = 'half_pixel',
  more: Partial<ResizeAttributes> = {},
): ResizeAttributes {
  return { ...defaultResize, mode, coordinates, sizes, ...more };
}

const axisOf = (shape: Shape, { sizes, scales, ...how }: ResizeAttributes, axis: number): Interpolation => ({
  ...how,
  from: shape[axis]!,
  to: sizes[axis]!,
  scale: scales?.[axis] ?? sizes[axis]! / shape[axis]!,
});

/** Axis after axis, the transpose of the weights. */
function resizeGradient(x: Value, g: Value, attributes: ResizeAttributes): Value {
  const { shape } = x;
  if (repeats(shape, attributes)) {
    const kernel = shape.slice(2).map((size, i) => attributes.sizes[i + 2]! / size);
    const none = kernel.map(() => 0);
    const window = { kernel, strides: kernel, pads: [...none, ...none], dilations: kernel.map(() => 1) };
    return mul(averagePool(g, { ...window, countIncludePad: false }), sizeOf(kernel));
  }
  let result = g;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const shares = sharesOf(axisOf(shape, attributes, axis));
    const [from, to] = [shape[axis]!, attributes.sizes[axis]!];
    if (from === to && shares.every((own, place) => own.length === 1 && own[0]![0] === place)) continue;
    const [outer, inner] = [sizeOf(result.shape.slice(0, axis)), sizeOf(result.shape.slice(axis + 1))];
    const summed =
      inner === 1
        ? matmul(reshape(result, [outer, to]), constant(g, weightsOf(g, shares, from, false)))
        : matmul(constant(g, weightsOf(g, shares, from, true)), reshape(result, [outer, to, inner]));
    result = reshape(summed, result.shape.with(axis, from));
  }
  return result;
}

/** Whether every place is repeated as often as every other one, over the spatial axes. */
const repeats = (shape: Shape, attributes: ResizeAttributes): boolean =>
  shape.length > 2 &&
  sizeOf(shape) > 0 &&
  shape.every((from, axis) => {
    const times = attributes.sizes[axis]! / from;
    if (axis < 2) return times === 1;
    const shares = sharesOf(axisOf(shape, attributes, axis));
    return shares.every((own, place) => own.length === 1 && own[0]![0] === Math.floor(place / times));
  });

/** [to, from], or [from, to]. */
function weightsOf({ dtype }: Value, shares: ReturnType<typeof sharesOf>, from: number, turned: boolean): Tensor {
  const to = shares.length;
  const weights = new Array<number>(to * from).fill(0);
  for (const [place, own] of shares.entries())
    for (const [old, weight] of own) weights[turned ? old * to + place : place * from + old]! += weight;
  return tensor(dtype, turned ? [from, to] : [to, from], weights);
}

/** @throws LegendaError when a node's attributes ask for what is not supported */
function readModes(call: OnnxSource): Omit<ResizeAttributes, 'sizes' | 'scales'> {
  const mode = oneOf('mode', call.string('mode') ?? 'nearest', ['nearest', 'linear', 'cubic'] as const);
  if (call.int('antialias') === 1) throw new LegendaError('antialias = 1 is not supported');
  const cubic = call.float('cubic_coeff_a') ?? defaultResize.cubic;
  const excludeOutside = call.int('exclude_outside') === 1;
  if (excludeOutside && mode !== 'cubic')
    throw new LegendaError('exclude_outside = 1 is supported for mode "cubic" only');
  call.float('extrapolation_value');
  // until opset 10 there was one form alone
  const first = call.opset < 11;
  const coordinates = oneOf(
    'coordinate_transformation_mode',
    call.string('coordinate_transformation_mode') ?? (first ? 'asymmetric' : 'half_pixel'),
    coordinateModes,
  );
  const nearest = oneOf(
    'nearest_mode',
    call.string('nearest_mode') ?? (first ? 'floor' : 'round_prefer_floor'),
    nearestModes,
  );
  return { mode, coordinates, nearest, cubic, excludeOutside };
}

function readSizes(call: OnnxSource): Pick<ResizeAttributes, 'sizes' | 'scales'> {
  const { shape } = call.inputs[0]!;
  const first = call.opset < 11;
  const policy = call.string('keep_aspect_ratio_policy') ?? 'stretch';
  if (policy !== 'stretch')
    throw new LegendaError(`keep_aspect_ratio_policy "${policy}" is not supported, only "stretch"`);
  const axes = (call.ints('axes') ?? shape.map((_, axis) => axis)).map((axis) => normaliseAxis(axis, shape.length));
  // a region that only "tf_crop_and_resize" reads
  if (!first && call.inputs[1] !== undefined) call.constant(1);
  const scales = call.constant(first ? 1 : 2);
  const sizes = first ? undefined : call.constant(3);
  if ((sizes === undefined || sizes.length === 0) === (scales === undefined || scales.length === 0))
    throw new LegendaError('either scales or sizes are expected');
  const given = sizes === undefined || sizes.length === 0 ? scales! : sizes;
  if (given.length !== axes.length) throw new LegendaError(`${axes.length} numbers are expected, [${given}] came`);
  const whole = (like: readonly number[], values: readonly number[]): number[] =>
    axes.reduce((all, axis, i) => all.with(axis, values[i]!), [...like]);
  if (given === sizes) return { sizes: whole(shape, sizes) };
  const all = whole(
    shape.map(() => 1),
    given,
  );
  return { sizes: shape.map((size, axis) => Math.floor(Math.fround(size * Math.fround(all[axis]!)))), scales: all };
}

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new LegendaError(`${name} "${value}" is not supported, only ${known.join(', ')}`);
  return found;
}
