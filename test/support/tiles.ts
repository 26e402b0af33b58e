/** Folders of tiles, good and bad. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describeScene } from '../../src/data/scenes/describe.js';
import { renderScenes } from '../../src/data/scenes/render.js';

const side = 64;

/** Scenes that are drawn at once. */
const together = 500;

/**
 * Writes tiles as JPEG, `00/000000.jpg` and on; of every 100 four are bad in their own way: cut short, empty, a text, an image that says
 * that it has 40,000 × 40,000 pixels.
 * @returns paths of the bad ones
 */
export async function writeTiles(dir: string, count: number): Promise<string[]> {
  const bad: string[] = [];
  for (let from = 0; from < count; from += together) {
    const some = Math.min(together, count - from);
    const descriptions = Array.from({ length: some }, (_, i) => describeScene(7, from + i));
    const pixels = await renderScenes(descriptions, side);
    const bytes = side * side * 3;
    await Promise.all(
      descriptions.map(async (_, i) => {
        const raw = { width: side, height: side, channels: 3 } as const;
        const jpeg = await sharp(pixels.subarray(i * bytes, (i + 1) * bytes), { raw })
          .jpeg()
          .toBuffer();
        const number = from + i;
        const path = `${String(Math.floor(number / 1000)).padStart(2, '0')}/${String(number).padStart(6, '0')}.jpg`;
        const spoil = spoils[number % 100];
        if (spoil) bad.push(path);
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), spoil ? spoil(jpeg) : jpeg);
      }),
    );
  }
  return bad.sort();
}

const spoils: Readonly<Record<number, (jpeg: Uint8Array) => Uint8Array | string>> = {
  13: (jpeg) => jpeg.subarray(0, Math.floor(jpeg.length / 2)),
  37: () => '',
  61: () => 'a text, and no image\n',
  89: hugePng,
};

/** A PNG of a few bytes whose header claims 40,000 × 40,000 pixels. */
function hugePng(): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(40_000, 0);
  header.writeUInt32BE(40_000, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(100))), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
