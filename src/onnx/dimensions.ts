import { LegendaError } from '../errors.js';
import type { Shape } from '../tensor/shape.js';
import type { TensorType } from '../tensor/tensor.js';
import type { TypeProto, ValueInfoProto } from './generated/onnx_pb.js';
import { listed, quoted } from './names.js';
import { checkShape, readableDType } from './read-tensor.js';

export interface DimensionOptions {
  /**
   * Sizes of symbolic axes by their name in the file, or of any input's axis as `INPUT.AXIS` (`pixels.0`). A first axis
   * that is not named here is a batch of 1.
   */
  readonly dimensions?: Readonly<Record<string, number>>;
  /** Whole shapes of inputs, by name; they come before what the file says. */
  readonly inputs?: Readonly<Record<string, Shape>>;
}

/** An axis in a file: its size, its name, or nothing. */
type Axis = number | string | undefined;

/**
 * Types of inputs, with every size known.
 * @throws LegendaError naming the axis whose size is not known, or the option that fits no input
 */
export function inputTypes(
  inputs: ReadonlyMap<string, ValueInfoProto>,
  { dimensions = {}, inputs: shapes = {} }: DimensionOptions,
): Map<string, TensorType> {
  const axes = new Map([...inputs].map(([name, info]) => [name, axesOf(info.type)]));
  checkOptions(axes, dimensions, shapes);
  const sizes = batchNames(axes, dimensions);
  const types = new Map<string, TensorType>();
  for (const [name, info] of inputs) {
    const label = `input ${quoted(name)} of the ONNX model`;
    const shape = shapeOf(name, axes.get(name), sizes, own(shapes, name));
    checkShape(shape, label);
    types.set(name, { dtype: dtypeOf(info.type, label), shape });
  }
  return types;
}

/** Names of a tensor's symbolic axes; `undefined` for the others, and when there are none. */
export function axisNamesOf({ type }: ValueInfoProto): (string | undefined)[] | undefined {
  const names = axesOf(type)?.map((axis) => (typeof axis === 'string' ? axis : undefined));
  return names?.some((name) => name !== undefined) ? names : undefined;
}

function shapeOf(
  name: string,
  axes: readonly Axis[] | undefined,
  sizes: ReadonlyMap<string, number>,
  given: Shape | undefined,
): Shape {
  if (given !== undefined) {
    if (axes !== undefined && axes.length !== given.length) {
      throw new LegendaError(`input ${quoted(name)} has ${axes.length} axes, the shape [${given}] has ${given.length}`);
    }
    return given;
  }
  if (axes === undefined) {
    throw new LegendaError(`input ${quoted(name)} has no shape in the ONNX model: give it as inputs[${quoted(name)}]`);
  }
  return axes.map((axis, i) => {
    const size =
      sizes.get(`${name}.${i}`) ?? (typeof axis === 'string' ? sizes.get(axis) : axis) ?? (i === 0 ? 1 : axis);
    if (typeof size === 'number') return size;
    const called = axis === undefined ? '' : ` (${quoted(String(axis))})`;
    throw new LegendaError(
      `axis ${i}${called} of input ${quoted(name)} has no size in the ONNX model: give dimensions[${quoted(String(axis ?? `${name}.${i}`))}]`,
    );
  });
}

/** The given sizes, and 1 for every other name of a first axis. */
function batchNames(
  axes: ReadonlyMap<string, readonly Axis[] | undefined>,
  dimensions: Readonly<Record<string, number>>,
): Map<string, number> {
  const sizes = new Map(Object.entries(dimensions));
  for (const [first] of [...axes.values()].filter((list) => list !== undefined)) {
    if (typeof first === 'string' && !sizes.has(first)) sizes.set(first, 1);
  }
  return sizes;
}

function checkOptions(
  axes: ReadonlyMap<string, readonly Axis[] | undefined>,
  dimensions: Readonly<Record<string, number>>,
  shapes: Readonly<Record<string, Shape>>,
): void {
  const names = new Set([...axes.values()].flatMap((list) => (list ?? []).filter((axis) => typeof axis === 'string')));
  const places = new Set([...axes].flatMap(([name, list]) => (list ?? []).map((_, i) => `${name}.${i}`)));
  for (const [name, size] of Object.entries(dimensions)) {
    if (!names.has(name) && !places.has(name)) {
      throw new LegendaError(
        `dimensions names ${quoted(name)}; the ONNX model's symbolic axes are ${listed(names)}, its inputs' axes ${listed(places)}`,
      );
    }
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new LegendaError(`dimensions[${quoted(name)}] is ${size}, a whole number from 0 is expected`);
    }
  }
  for (const name of Object.keys(shapes)) {
    if (!axes.has(name)) {
      throw new LegendaError(`inputs names ${quoted(name)}; the ONNX model's inputs are ${listed(axes.keys())}`);
    }
  }
}

function dtypeOf(type: TypeProto | undefined, label: string): TensorType['dtype'] {
  if (type?.tensorType === undefined) throw new LegendaError(`${label} is no dense tensor`);
  const dtype = readableDType(type.tensorType.elemType);
  if (dtype !== undefined) return dtype;
  throw new LegendaError(`${label} has ONNX data type ${type.tensorType.elemType}, which is not supported`);
}

/** `undefined` when not even the number of axes is known. */
function axesOf(type: TypeProto | undefined): Axis[] | undefined {
  return type?.tensorType?.shape?.dim.map(({ value }) => {
    if (value.case === 'dimValue') return Number(value.value);
    return value.case === 'dimParam' && value.value !== '' ? value.value : undefined;
  });
}

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
