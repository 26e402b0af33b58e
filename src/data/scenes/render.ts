import { UsageError } from '../../errors.js';
import { stream } from '../../tensor/random.js';
import type { SceneDescription } from './description.js';
import { picturesPerSheet, rasterise } from './raster.js';

/** An image in memory. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGB, [height, width, 3]. */
  readonly pixels: Uint8Array;
}

export const defaultSide = 64;

/** @throws UsageError when the side is no whole number from 16 to 1024 */
export async function renderScene(description: SceneDescription, side = defaultSide): Promise<Picture> {
  return { width: side, height: side, pixels: await renderScenes([description], side) };
}

/**
 * Many scenes, quicker than one by one and with the same pixels.
 *
 * @param descriptions are asked for as they are needed: descriptions are larger than pictures, and need not all be there
 * @param side of each picture, in pixels
 * @returns RGB, [descriptions, side, side, 3]
 * @throws UsageError when the side is no whole number from 16 to 1024
 */
export async function renderScenes(descriptions: Iterable<SceneDescription>, side = defaultSide): Promise<Uint8Array> {
  checkSide(side);
  const sheets: Uint8Array[] = [];
  let waiting: SceneDescription[] = [];
  for (const description of descriptions) {
    waiting.push(description);
    if (waiting.length < picturesPerSheet(side)) continue;
    sheets.push(await renderSheet(waiting, side));
    waiting = [];
  }
  if (waiting.length > 0) sheets.push(await renderSheet(waiting, side));
  return joined(sheets);
}

async function renderSheet(descriptions: readonly SceneDescription[], side: number): Promise<Uint8Array> {
  const drawings = descriptions.map(({ ground, marks }) => ({ ground, fills: marks }));
  const pixels = await rasterise(drawings, side);
  const bytes = side * side * 3;
  for (const [i, description] of descriptions.entries()) {
    expose(description, pixels.subarray(i * bytes, (i + 1) * bytes), side);
  }
  return pixels;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function checkSide(side: number): void {
  if (Number.isInteger(side) && side >= 16 && side <= 1024) return;
  throw new UsageError(`scenes: the side must be a whole number of pixels from 16 to 1024, got ${side}`);
}

/** Light, then noise, in place. */
function expose({ seed, index, light }: SceneDescription, pixels: Uint8Array, side: number): void {
  const random = stream(seed, 'scenes', index, 'grain');
  // The sum of four bytes is close to normal: mean 510, standard deviation 147.8.
  const strength = light.grain / 147.8;
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i += 3) {
      const bits = random.next();
      const noise = ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) * strength;
      const gain = light.gain * (1 + light.slope[0] * (x / side - 0.5) + light.slope[1] * (y / side - 0.5));
      pixels[i] = toByte(pixels[i]! * gain * light.warmth + noise);
      pixels[i + 1] = toByte(pixels[i + 1]! * gain + noise);
      pixels[i + 2] = toByte((pixels[i + 2]! * gain) / light.warmth + noise);
    }
  }
}

const toByte = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
