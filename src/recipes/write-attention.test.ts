import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { inFolder } from '../../test/support/training.js';
import { AttentionFiles } from './write-attention.js';

const preprocessing = { side: 16, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
const words = (...said: string[]) => said.map((word) => ({ word, attention: new Float32Array(4).fill(0.25) }));

it('pictures take the place of an earlier caption’s, and of nothing else', async () => {
  await inFolder(async (root) => {
    const image = join(root, 'tile.png');
    await sharp({ create: { width: 20, height: 20, channels: 3, background: 'green' } }).toFile(image);
    const write = (...said: string[]) =>
      new AttentionFiles(join(root, 'maps'), { ...preprocessing, mean: [0, 0, 0], std: [1, 1, 1] }).write(
        image,
        words(...said),
      );
    const folder = await write('a', 'red', 'roof');
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    expect(await write('a', 'river')).toBe(folder);
    expect(readdirSync(folder).sort()).toEqual(['01-a.png', '02-river.png', 'notes.txt', 'sheet.svg']);
  });
});
