import type { Shape } from '../tensor/shape.js';
import type { CoordinateMode, NearestMode, ResizeMode } from './interpolation.js';

export type ResizeAttributes = {
  readonly mode: ResizeMode;
  readonly coordinates: CoordinateMode;
  readonly nearest: NearestMode;
  /** Coefficient of the cubic. */
  readonly cubic: number;
  readonly excludeOutside: boolean;
  /** Of all axes. */
  readonly sizes: Shape;
  /** What the sizes come from, by axis; where left out, new size by old. */
  readonly scales?: readonly number[] | undefined;
};

/** ONNX's. */
export const defaultResize = {
  mode: 'nearest',
  coordinates: 'half_pixel',
  nearest: 'round_prefer_floor',
  cubic: -0.75,
  excludeOutside: false,
} as const satisfies Omit<ResizeAttributes, 'sizes'>;
