import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as zlib from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../errors.js';
import { openSource } from './open-source.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'legenda-source-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array = ''): string {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
  return join(dir, path);
}

async function imagesOf(path: string): Promise<string[]> {
  const images: string[] = [];
  for await (const image of (await openSource(path)).images()) images.push(image);
  return images;
}

test("a folder's images are those of its folders too, in the order of people", async () => {
  for (const path of ['b/2.png', 'b/10.TIF', 'b/.hidden.png', 'a.jpg', 'notes.txt', 'a/x/1.webp', '.git/1.png'])
    put(path);
  symlinkSync(join(dir, 'a.jpg'), join(dir, 'z.jpg'));
  symlinkSync(dir, join(dir, 'circle'));
  expect(await imagesOf(dir)).toEqual(['a.jpg', 'z.jpg', 'a/x/1.webp', 'b/2.png', 'b/10.TIF']);
});

test('lists in text, CSV and Parquet', async () => {
  const text = put('list.txt', '\uFEFFb/2.png\r\n\r\na "quoted", name.png\n  c\\3.tif  ');
  expect(await imagesOf(text)).toEqual(['b/2.png', 'a "quoted", name.png', 'c/3.tif']);
  const csv = put('list.csv', 'id,Path,note\n1,"a,b.png",x\n2,c.png\n');
  expect(await imagesOf(csv)).toEqual(['a,b.png', 'c.png']);
  const images = Array.from({ length: 25 }, (_, i) => `${i}.png`);
  const columnData = [
    { name: 'size', data: images.map((_, i) => i), type: 'INT32' as const },
    { name: 'image', data: images, type: 'STRING' as const },
  ];
  const parquet = put('list.parquet', new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 10 })));
  expect(await imagesOf(parquet)).toEqual(images);
});

type Pack = (bytes: Uint8Array) => Uint8Array;

const listIn = (codec: CompressionCodec, compressors: Partial<Record<CompressionCodec, Pack>>): string => {
  const columnData = [{ name: 'image', data: ['1.png', '2.png', '1.png'], type: 'STRING' as const, codec }];
  return put('list.parquet', new Uint8Array(parquetWriteBuffer({ columnData, codec, compressors })));
};

test('lists in Parquet of several compressions', async () => {
  const images = ['1.png', '2.png', '1.png'];
  expect(await imagesOf(listIn('UNCOMPRESSED', {}))).toEqual(images);
  expect(await imagesOf(listIn('GZIP', { GZIP: (bytes) => zlib.gzipSync(bytes) }))).toEqual(images);
  expect(await imagesOf(listIn('BROTLI', { BROTLI: (bytes) => zlib.brotliCompressSync(bytes) }))).toEqual(images);
  const { zstdCompressSync } = zlib as { readonly zstdCompressSync?: Pack };
  if (zstdCompressSync) expect(await imagesOf(listIn('ZSTD', { ZSTD: zstdCompressSync }))).toEqual(images);
  await expect(imagesOf(listIn('LZ4', { LZ4: (bytes) => bytes }))).rejects.toThrow(
    /list\.parquet is compressed in a way that is not read here: one of UNCOMPRESSED, SNAPPY, GZIP, BROTLI.* was expected, LZ4 came$/,
  );
  const long = listIn('GZIP', { GZIP: () => zlib.gzipSync(Buffer.alloc(2 ** 24)) });
  await expect(imagesOf(long)).rejects.toThrow('list.parquet is damaged or not Parquet: ');
});

test('a list in Parquet whose paths are numbers', async () => {
  const columnData = [{ name: 'path', data: [12n], type: 'INT64' as const }];
  const list = put('list.parquet', new Uint8Array(parquetWriteBuffer({ columnData })));
  await expect(imagesOf(list)).rejects.toThrow('list.parquet: row 1 has no path of an image: 12 came');
});

test('a list is known by its digest, paths start from its folder', async () => {
  const source = await openSource(put('sub/list.txt', '1.png\n'));
  expect(source).toMatchObject({ kind: 'list', path: join(dir, 'sub') });
  expect(source.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('one image', async () => {
  expect(await imagesOf(put('mosaic.TIF'))).toEqual(['mosaic.TIF']);
});

test.each([
  ['list.csv', 'a,b\n1,2\n', 'a column image, path, file, filename was expected, "a,b" came'],
  ['list.csv', 'image\n"never ends', 'is no list of paths: '],
  ['list.csv', 'id,image\n1,\n', 'row 1 has no path of an image: "" came'],
  ['list.txt', `1.png\n${'x'.repeat(5000)}\n`, 'line 2 has no path of an image: "xxx'],
  ['list.parquet', 'PAR1 or not', 'is damaged or not Parquet: '],
])('%s that is none', async (name, content, message) => {
  await expect(imagesOf(put(name, content))).rejects.toThrow(message);
});

test('what is no source', async () => {
  await expect(openSource(join(dir, 'missing'))).rejects.toThrow('missing: there is no such file or folder');
  const text = put('page.html');
  await expect(openSource(text)).rejects.toThrow(UsageError);
  await expect(openSource(text)).rejects.toThrow(
    'a folder, a list (.txt, .csv, .parquet) or an image (.tif, .tiff, .png, .jpg, .jpeg, .webp) was expected',
  );
});
