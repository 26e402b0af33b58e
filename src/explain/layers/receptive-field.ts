import type { Node, Value } from '../../graph/graph.js';
import { type Geometry, geometryOf } from '../equivariance/geometry.js';

/**
 * What one place of a layer's output sees of the network's input.
 * @returns undefined where a way to the input is not local, or there are several
 */
export function receptiveField(output: Value): Geometry | undefined {
  const way: Node[] = [];
  let value = output;
  while (value.source.kind === 'node') {
    way.unshift(value.source.node);
    value = value.source.node.inputs[0]!;
  }
  return way.length > 0 ? geometryOf(way) : undefined;
}

/** A part of a picture, in pixels; the ends are outside. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** What a place sees, without what lies outside the picture. @param sides height and width of the picture */
export function boxAt([down, right]: Geometry, place: readonly number[], sides: readonly number[]): Box {
  const [y, x] = [place[0]! * down.stride - down.pad, place[1]! * right.stride - right.pad];
  return {
    top: Math.max(0, y),
    left: Math.max(0, x),
    bottom: Math.min(sides[0]!, y + down.size),
    right: Math.min(sides[1]!, x + right.size),
  };
}
