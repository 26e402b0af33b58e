import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { type Shape, sizeOf, stridesOf } from '../tensor/shape.js';
import type { TensorType } from '../tensor/tensor.js';
import { conv, convTranspose, reduceSum, reshape, slice, transpose } from './build.js';
import { firstPlaces, weightGradient } from './conv-weight-gradient.js';
import { requireSameDType } from './elementwise.js';
import { allInputs } from './emit.js';
import { forEachIndex } from './evaluate.js';
import type { Case, OnnxAttribute, Op } from './op.js';
import { checkWindow, readWindow, unreached, type WindowAttributes, windowedSizes, windowPlaces } from './window.js';

export type ConvAttributes = WindowAttributes & {
  readonly group: number;
  /** Whether the weight gradient of a depthwise convolution is to be one itself, of every channel with its own cotangent. */
  readonly byChannel?: boolean;
};
export type ConvTransposeAttributes = ConvAttributes & {
  /** Added at the end of each spatial axis. */
  readonly outputPadding: readonly number[];
};

export const Conv: Op<ConvAttributes> = {
  infer: ([x, w, b], attributes) => {
    const { group } = attributes;
    if (x!.shape.length < 3 || w!.shape.length !== x!.shape.length) {
      throw new LegendaError('an input [N, C, …] and a weight [M, C/group, …] with as many axes are expected');
    }
    const [n, channels] = x!.shape as [number, number];
    const [filters, perGroup] = w!.shape as [number, number];
    if (channels !== perGroup * group) {
      throw new LegendaError(`input has ${channels} channels, weight expects ${perGroup * group}`);
    }
    if (filters % group !== 0) throw new LegendaError(`${filters} filters do not divide into ${group} groups`);
    if (b !== undefined && (b.shape.length !== 1 || b.shape[0] !== filters)) {
      throw new LegendaError(`bias has ${b.shape[0]} values for ${filters} filters`);
    }
    const sizes = windowedSizes(x!.shape.slice(2), w!.shape.slice(2), attributes);
    return [{ dtype: requireSameDType([x!, w!, ...(b ? [b] : [])]), shape: [n, filters, ...sizes] }];
  },
  emit: ({ inputs, attributes }) => ({
    opType: 'Conv',
    attributes: {
      ...emitWindow(attributes),
      kernel_shape: { ints: inputs[1]!.shape.slice(2) },
      group: { int: attributes.group },
    },
    inputs: allInputs(inputs.length),
  }),
  read: (call) => ({
    inputs: allInputs(call.inputs[2] === undefined ? 2 : 3),
    attributes: { ...readWindow(call, call.inputs[1]!.shape.slice(2)), group: call.int('group') ?? 1 },
  }),
  vjp: ({ inputs: [x, w], attributes }, g) => [
    () => inputGradient(x!.shape, w!, g!, attributes),
    () => weightGradient(x!, w!.shape, g!, attributes),
    () => reduceSum(g!, { axes: [0, ...w!.shape.slice(2).map((_, axis) => axis + 2)] }),
  ],
  evaluate: ([x, w, b], attributes, [y]) => {
    const result = new Float64Array(sizeOf(y!.shape));
    forEachProduct(x!.shape, w!.shape, y!.shape, attributes, (atX, atW, atY) => {
      result[atY]! += x!.data[atX]! * w!.data[atW]!;
    });
    if (b !== undefined) {
      const area = sizeOf(y!.shape.slice(2));
      for (let i = 0; i < result.length; i++) result[i]! += b.data[Math.floor(i / area) % y!.shape[1]!]!;
    }
    return [result];
  },
  cases: convCases(),
};

/** Also called transposed or fractionally strided convolution; here as the adjoint of Conv in its input. */
export const ConvTranspose: Op<ConvTransposeAttributes> = {
  infer: ([x, w], attributes) => {
    const { strides, pads, dilations, group, outputPadding } = attributes;
    if (x!.shape.length < 3 || w!.shape.length !== x!.shape.length) {
      throw new LegendaError('an input [N, M, …] and a weight [M, C/group, …] with as many axes are expected');
    }
    checkWindow(x!.shape.length - 2, w!.shape.slice(2), attributes);
    if (w!.shape[0]! % group !== 0) throw new LegendaError(`${w!.shape[0]} filters do not divide into ${group} groups`);
    const [n, channels] = x!.shape as [number, number];
    if (channels !== w!.shape[0]) {
      throw new LegendaError(`input has ${channels} channels, weight expects ${w!.shape[0]}`);
    }
    const kernel = w!.shape.slice(2);
    const sizes = x!.shape.slice(2).map((size, axis) => {
      const reach = dilations[axis]! * (kernel[axis]! - 1) + 1;
      return (size - 1) * strides[axis]! + reach + outputPadding[axis]! - pads[axis]! - pads[kernel.length + axis]!;
    });
    const beyond = outputPadding.findIndex((p, axis) => p >= Math.max(strides[axis]!, dilations[axis]!));
    if (beyond !== -1)
      throw new LegendaError(
        `outputPadding [${outputPadding}]: less than the stride or the dilation is expected on every axis, strides are [${strides}]`,
      );
    if (outputPadding.length !== sizes.length || sizes.some((size) => size < 0)) {
      throw new LegendaError(`outputPadding [${outputPadding}] and pads [${pads}] give spatial sizes [${sizes}]`);
    }
    return [{ dtype: requireSameDType([x!, w!]), shape: [n, w!.shape[1]! * group, ...sizes] }];
  },
  emit: ({ inputs, attributes }) => ({
    opType: 'ConvTranspose',
    attributes: {
      ...emitWindow(attributes),
      kernel_shape: { ints: inputs[1]!.shape.slice(2) },
      group: { int: attributes.group },
      output_padding: { ints: attributes.outputPadding },
    },
    inputs: [0, 1],
  }),
  read: (call) => {
    const autoPad = call.string('auto_pad') ?? 'NOTSET';
    if (autoPad !== 'NOTSET') throw new LegendaError(`auto_pad "${autoPad}" is not supported, only pads`);
    if (call.ints('output_shape') !== undefined) throw new LegendaError('attribute output_shape is not supported');
    const kernel = call.inputs[1]!.shape.slice(2);
    return {
      inputs: [0, 1],
      attributes: {
        ...readWindow(call, kernel),
        group: call.int('group') ?? 1,
        outputPadding: call.ints('output_padding') ?? kernel.map(() => 0),
      },
    };
  },
  vjp: ({ inputs: [x, w], attributes: { strides, pads, dilations, group } }, g) => [
    () => firstPlaces(conv(g!, w!, undefined, { strides, pads, dilations, group }), x!.shape),
    () => weightGradient(g!, w!.shape, x!, { strides, pads, dilations, group }),
  ],
  evaluate: ([x, w], attributes, [y]) => {
    const result = new Float64Array(sizeOf(y!.shape));
    forEachProduct(y!.shape, w!.shape, x!.shape, attributes, (atY, atW, atX) => {
      result[atY]! += x!.data[atX]! * w!.data[atW]!;
    });
    return [result];
  },
  cases: convCases()
    .filter(({ name }) => !name.includes('bias'))
    .map((example) => asTransposed(example)),
};

const emitWindow = ({ strides, pads, dilations }: WindowAttributes): Record<string, OnnxAttribute> => ({
  strides: { ints: strides },
  pads: { ints: pads },
  dilations: { ints: dilations },
});

function inputGradient(shape: Shape, w: Value, g: Value, attributes: ConvAttributes): Value {
  const { strides, pads, dilations, group } = attributes;
  const kernel = w.shape.slice(2);
  const ends = [...kernel, ...kernel].map((size, i) => dilations[i % kernel.length]! * (size - 1) - pads[i]!);
  // ONNX Runtime's Conv takes a third to a half of its ConvTranspose's time where both say the same
  if (strides.every((stride) => stride === 1) && ends.every((pad) => pad >= 0))
    return conv(g, turned(w, group), undefined, { strides, pads: ends, dilations, group });
  return convTranspose(g, w, { ...attributes, outputPadding: unreachedSizes(shape, w.shape, g.shape, attributes) });
}

/** A weight [M, C/group, …] for the way back, [C, M/group, …]: every kernel from its last place to its first. */
function turned(w: Value, group: number): Value {
  const [filters, perGroup, ...kernel] = w.shape as [number, number, ...number[]];
  const axes = kernel.map((_, axis) => axis);
  const swapped = transpose(reshape(w, [group, filters / group, perGroup, ...kernel]), [
    0,
    2,
    1,
    ...axes.map((a) => a + 3),
  ]);
  const back = reshape(swapped, [group * perGroup, filters / group, ...kernel]);
  if (kernel.every((size) => size === 1)) return back;
  const last = axes.map(() => -1);
  const beyond = kernel.map((size) => -size - 1);
  return slice(
    back,
    last,
    beyond,
    axes.map((axis) => axis + 2),
    last,
  );
}

function unreachedSizes(x: Shape, w: Shape, y: Shape, attributes: ConvAttributes): number[] {
  return unreached(x.slice(2), w.slice(2), y.slice(2), attributes);
}

/** Visits every product of a convolution by the positions of its input, weight and result. */
function forEachProduct(
  x: Shape,
  w: Shape,
  y: Shape,
  { strides, pads, dilations, group }: ConvAttributes,
  visit: (atX: number, atW: number, atY: number) => void,
): void {
  const [xs, ws] = [stridesOf(x), stridesOf(w)];
  const perGroup = w[1]!;
  const filtersPerGroup = w[0]! / group;
  const places = windowPlaces(w.slice(2));
  forEachIndex(y, ([n, m, ...at], position) => {
    const first = Math.floor(m! / filtersPerGroup) * perGroup;
    for (const place of places) {
      const source = at.map((i, axis) => i * strides[axis]! + place[axis]! * dilations[axis]! - pads[axis]!);
      if (source.some((i, axis) => i < 0 || i >= x[axis + 2]!)) continue;
      for (let c = 0; c < perGroup; c++) {
        const atX = source.reduce((sum, i, axis) => sum + i * xs[axis + 2]!, n! * xs[0]! + (first + c) * xs[1]!);
        const atW = place.reduce((sum, k, axis) => sum + k * ws[axis + 2]!, m! * ws[0]! + c * ws[1]!);
        visit(atX, atW, position);
      }
    }
  });
}

function convCases(): readonly Case<ConvAttributes>[] {
  const simple = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };
  const shapes = (...list: Shape[]) => list.map((shape) => ({ shape }));
  return [
    { name: 'pointwise', inputs: shapes([2, 3, 2, 2], [4, 3, 1, 1]), attributes: simple },
    { name: 'ends left out', inputs: shapes([1, 1, 6, 8], [1, 1, 2, 3]), attributes: { ...simple, strides: [3, 4] } },
    { name: 'no images', inputs: shapes([0, 2, 3, 3], [2, 2, 2, 2]), attributes: simple },
    {
      name: 'three spatial axes',
      inputs: shapes([1, 2, 3, 2, 4], [2, 2, 2, 1, 3]),
      attributes: { strides: [1, 1, 2], pads: [1, 0, 0, 0, 0, 1], dilations: [1, 1, 1], group: 1 },
    },
    { name: 'plain', inputs: shapes([2, 3, 5, 4], [2, 3, 3, 3]), attributes: simple },
    {
      name: 'bias and pads',
      inputs: shapes([1, 2, 4, 4], [3, 2, 3, 3], [3]),
      attributes: { ...simple, pads: [1, 1, 1, 1] },
    },
    {
      name: 'odd strides and pads',
      inputs: shapes([1, 2, 7, 6], [2, 2, 3, 2]),
      attributes: { ...simple, strides: [3, 2], pads: [0, 1, 2, 0] },
    },
    { name: 'dilations', inputs: shapes([1, 1, 6, 7], [2, 1, 2, 3]), attributes: { ...simple, dilations: [3, 2] } },
    { name: 'groups', inputs: shapes([2, 4, 3, 3], [6, 2, 2, 2]), attributes: { ...simple, group: 2 } },
    {
      name: 'depthwise with stride',
      inputs: shapes([1, 3, 5, 5], [3, 1, 3, 3]),
      attributes: { ...simple, group: 3, strides: [2, 2], pads: [1, 1, 1, 1] },
    },
    { name: 'size 1', inputs: shapes([1, 1, 1, 1], [1, 1, 1, 1]), attributes: simple },
    {
      name: 'one spatial axis',
      inputs: shapes([2, 2, 6], [3, 2, 3]),
      attributes: { strides: [2], pads: [1, 0], dilations: [1], group: 1 },
    },
  ];
}

/** The same geometry the other way round: the result's shape becomes the input's. */
function asTransposed({ name, inputs: [x, w], attributes }: Case<ConvAttributes>): Case<ConvTransposeAttributes> {
  const float = (shape: Shape): TensorType => ({ dtype: 'float32', shape });
  const [y] = Conv.infer([float(x!.shape), float(w!.shape)], attributes);
  const outputPadding = unreachedSizes(x!.shape, w!.shape, y!.shape, attributes);
  return { name, inputs: [{ shape: y!.shape }, w!], attributes: { ...attributes, outputPadding } };
}
