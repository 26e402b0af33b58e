import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import { LegendaError } from '../errors.js';
import { integer, stream } from '../tensor/random.js';
import { readShard } from './read-shard.js';
import type { TileRow } from './row.js';
import { encodeShard } from './write-shard.js';

const dir = mkdtempSync(join(tmpdir(), 'legenda-shard-'));
afterAll(() => rmSync(dir, { recursive: true }));

const formats = ['jsonl', 'parquet'] as const;

async function read(bytes: Uint8Array | string, format: (typeof formats)[number]): Promise<TileRow[]> {
  const path = join(dir, `000000.${format}`);
  writeFileSync(path, bytes);
  const rows: TileRow[] = [];
  for await (const row of readShard(path)) rows.push(row);
  return rows;
}

const text = fc.string({ unit: 'binary' });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const pixels = (min: number) => fc.integer({ min, max: 2 ** 31 - 1 });

const anyRow: fc.Arbitrary<TileRow> = fc.record(
  {
    image: text.map((path) => `i${path.replaceAll('\0', '')}`),
    window: fc.tuple(pixels(0), pixels(0), pixels(1), pixels(1)),
    caption: text,
    logProbability: number,
    class: text,
    classProbability: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
    bounds: fc.tuple(number, number, number, number),
    error: text,
  },
  { requiredKeys: ['image'], noNullPrototype: true },
);

const rows: TileRow[] = Array.from({ length: 12_000 }, (_, i) => ({
  image: `mosaic ${i >> 10}.tif`,
  window: [i & 1023, 0, 256, 256],
  ...(i % 5 === 0 ? { error: 'no data' } : { caption: `a river and ${i} houses`, logProbability: -i / 7 }),
}));

describe.each(formats)('a shard as %s', (format) => {
  it('is read as it was written, whatever is in it, and absent fields stay absent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: 12 }), async (rows) => {
        expect(await read(encodeShard(rows, format), format)).toStrictEqual(rows);
      }),
      { numRuns: 150 },
    );
  });

  it('is the same bytes for the same rows, whatever the order of their fields', () => {
    const backwards = rows.map((row) => Object.fromEntries(Object.entries(row).reverse()) as unknown as TileRow);
    const digest = (rows: readonly TileRow[]) => createHash('sha256').update(encodeShard(rows, format)).digest('hex');
    expect(digest(backwards)).toBe(digest(rows));
    expect(digest(rows.slice(1))).not.toBe(digest(rows));
  });

  it('may have more rows than are read at once, and none', async () => {
    expect(await read(encodeShard(rows, format), format)).toStrictEqual(rows);
    expect(await read(encodeShard([], format), format)).toEqual([]);
  });

  it('is not written with what could not be read', () => {
    const bad = (row: object) => () => encodeShard([rows[0]!, { ...rows[1]!, ...row } as TileRow], format);
    expect(bad({ logProbability: Number.NaN })).toThrow('row 2 of a shard: "logProbability": ');
    expect(bad({ bounds: [0, 0, Number.POSITIVE_INFINITY, 1] })).toThrow('row 2 of a shard: "bounds.2": ');
    expect(bad({ image: 'a\0b' })).toThrow('row 2 of a shard: "image": a path has no NUL');
    expect(bad({ caption: null })).toThrow(LegendaError);
  });

  it('with bits flipped or bytes missing anywhere is read or refused by name, and nothing else', async () => {
    const good = encodeShard(rows.slice(0, 200), format);
    const random = stream(7, 'damage');
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      let bytes = good.slice();
      for (let flips = integer(random, 1, 6); flips > 0; flips--)
        bytes[integer(random, 0, bytes.length - 1)]! ^= 1 << integer(random, 0, 7);
      if (round % 4 === 0) bytes = bytes.slice(0, integer(random, 0, bytes.length - 1));
      try {
        for (const row of await read(bytes, format)) expect(row.image.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error, String((error as Error).stack)).toBeInstanceOf(LegendaError);
        expect((error as Error).message).toContain(join(dir, `000000.${format}`));
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(75);
  });
});

describe('a damaged line is named:', () => {
  const good = '{"image":"a.tif","caption":"a river"}\n';

  it.each([
    ['cut short', '{"image":', 'line 2 is not JSON'],
    ['empty', '', 'line 2 is not JSON'],
    ['without an image', '{"caption":"a river"}', 'line 2: "image"'],
    ['with an empty window', '{"image":"a.tif","window":[0,0,0,9]}', 'line 2: "window.2"'],
    ['with a text too long', `{"image":"a.tif","caption":"${'x'.repeat(2 ** 17)}"}`, 'line 2: "caption"'],
    ['too long', `{"image":"a.tif","more":"${'x'.repeat(2 ** 20)}"}`, 'line 2: a line has at most 1048576 bytes'],
    ['in another encoding', Buffer.from('{"image":"\xff"}', 'latin1'), 'line 2: it is not UTF-8'],
  ])('%s', async (_, line, message) => {
    const bytes = Buffer.concat([Buffer.from(good), Buffer.from(line), Buffer.from(`\n${good}`)]);
    await expect(read(bytes, 'jsonl')).rejects.toThrow(`${join(dir, '000000.jsonl')}, ${message}`);
  });

  it('one that never ends, without reading it to its end', async () => {
    await expect(read(`${good}${'x'.repeat(2 ** 22)}`, 'jsonl')).rejects.toThrow('line 2: a line has at most');
  });

  it('and a last line needs no end', async () => {
    expect(await read(good + good.trim(), 'jsonl')).toHaveLength(2);
  });
});

describe('Parquet of other programs', () => {
  it('may lack columns, have more of them, and numbers of 64 bits', async () => {
    const columnData = [
      { name: 'more', data: [1, 2], type: 'INT32' as const },
      { name: 'image', data: ['a', 'b'], type: 'STRING' as const },
      ...['x', 'y', 'width', 'height'].map((name, i) => ({ name, data: [BigInt(i + 1), null] })),
    ];
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
    expect(await read(bytes, 'parquet')).toStrictEqual([{ image: 'a', window: [1, 2, 3, 4] }, { image: 'b' }]);
  });

  it('is refused by row where a window has lost a side, and as a whole without images', async () => {
    const image = { name: 'image', data: ['a', 'b'], type: 'STRING' as const };
    const of = (...columnData: { name: string; data: unknown[]; type: 'STRING' | 'INT32' }[]) =>
      read(new Uint8Array(parquetWriteBuffer({ columnData: columnData as never })), 'parquet');
    await expect(of(image, { name: 'x', data: [null, 1], type: 'INT32' })).rejects.toThrow('row 2: "window.1"');
    await expect(of({ name: 'x', data: [1], type: 'INT32' })).rejects.toThrow('row 1: "image"');
  });
});
