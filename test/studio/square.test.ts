import sharp from 'sharp';
import { expect, it } from 'vitest';
import { normalised, toSquare } from '../../apps/studio/src/images/square.js';
import { type Preprocessing, Preprocessor } from '../../src/data/images/preprocess.js';

const [width, height, side] = [40, 31, 12];
/** Noise, a third of its pixels transparent, a third half so. */
const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
  i % 4 === 3 ? [0, 128, 255][((i * 31) >> 5) % 3]! : (i * 7919) % 251,
);

it.each(['squash', 'crop'] as const)('a page sees a partly transparent image as the server does: %s', async (fit) => {
  const settings: Preprocessing = { side, fit, mean: [0, 0, 0], std: [1, 1, 1] };
  const png = await sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  const server = new Preprocessor(settings);
  const expected = new Float32Array(server.size);
  await server.write(png, expected);
  const seen = normalised(toSquare({ width, height, data }, side, fit), settings);
  const off = Math.max(...seen.map((value, i) => 255 * Math.abs(value - expected[i]!)));
  expect(Math.round(off)).toBeLessThanOrEqual(2);
});
