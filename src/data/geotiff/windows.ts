import type { RgbImage } from '../images/decode.js';
/** Stand-in. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Tiling {
  readonly tile: number;
  readonly overlap: number;
}
export const windowCount = (_: Pick<RgbImage, 'width' | 'height'>, __: Tiling): number => 1;
export const windowAt = (_: Pick<RgbImage, 'width' | 'height'>, __: Tiling, ___: number): Window => ({
  x: 0,
  y: 0,
  width: 1,
  height: 1,
});
