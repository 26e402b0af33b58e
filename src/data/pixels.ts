import { UsageError } from '../errors.js';

/** How a byte becomes a number: `(byte * scale - mean) / std`, per channel. */
export interface PixelMap {
  /** 1/256 by default, as the report has it; 1/255 maps to [0, 1]. */
  readonly scale?: number;
  /** Per channel, after scaling; 0 by default. */
  readonly mean?: readonly number[];
  /** Per channel, after scaling; 1 by default. */
  readonly std?: readonly number[];
}

/**
 * A channel's 256 values, one table a channel.
 * @throws UsageError when mean or std is not one finite number a channel, or scale or a std is not above 0
 */
export function pixelTables(channels: number, { scale = 1 / 256, mean, std }: PixelMap = {}): Float32Array[] {
  for (const [name, values] of Object.entries({ mean, std })) {
    if (values && (values.length !== channels || !values.every(Number.isFinite))) {
      throw new UsageError(`pixels: ${name} must be ${channels} number(s), one a channel, got [${values}]`);
    }
  }
  if (!(scale > 0) || std?.some((value) => value <= 0)) {
    throw new UsageError(`pixels: scale and std must be above 0, got ${scale} and [${std ?? 1}]`);
  }
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte * scale - (mean?.[channel] ?? 0)) / (std?.[channel] ?? 1)),
  );
}
