import { LegendaError } from '../errors.js';

/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. Always known when a graph is built. */
export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

export const formatShape = (shape: Shape): string => `[${shape.join(',')}]`;

/** Elements to skip for one step along each axis of a contiguous tensor. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Numpy's (and ONNX's multidirectional) broadcasting of shapes; throws when two sizes differ and neither is 1. */
export function broadcastShapes(...shapes: Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const own = shape[shape.length - rank + axis] ?? 1;
      if (own === 1 || own === size) continue;
      if (size !== 1) throw new LegendaError(`shapes ${shapes.map(formatShape).join(' and ')} do not broadcast`);
      size = own;
    }
    return size;
  });
}

/** Axes of `to` along which a tensor of shape `from` was repeated by broadcasting. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const added = to.length - from.length;
  return to.flatMap((size, axis) => (axis < added || (from[axis - added] === 1 && size !== 1) ? [axis] : []));
}

/** An axis in `[-rank, rank)` as one in `[0, rank)`; throws outside. */
export function normaliseAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new LegendaError(`axis ${axis} is outside [${-rank}, ${rank - 1}] of a tensor with ${rank} axes`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Several axes, normalised and ascending; throws when one comes twice. `undefined` means all of them. */
export function normaliseAxes(axes: readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const normalised = axes.map((axis) => normaliseAxis(axis, rank)).sort((a, b) => a - b);
  if (new Set(normalised).size !== normalised.length) throw new LegendaError(`axes [${axes}] name one axis twice`);
  return normalised;
}

/** The shape after reducing `axes`: sizes become 1 when kept, and go otherwise. */
export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): number[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepdims ? [1] : []) : [size]));
}
