import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TileRow } from '../../row.js';
import { parseQuery } from '../query.js';
import type { SearchResult } from '../search.js';
import { writeSearchPage } from './write-page.js';

let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'legenda-page-'));
  mkdirSync(join(dir, 'images'));
  const file = (name: string) => join(dir, 'images', name);
  const image = sharp({ create: { width: 900, height: 600, channels: 3, background: '#20c040' } });
  await image.clone().png().toFile(file('wide & high.png'));
  await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } })
    .tiff()
    .toFile(file('small.tif'));
  writeFileSync(file('text.jpg'), 'a text');
  writeFileSync(file('cut.png'), (await image.png().toBuffer()).subarray(0, 300));
  writeFileSync(join(dir, 'secret.png'), readFileSync(file('wide & high.png')));
});
afterAll(() => rmSync(dir, { recursive: true }));

const tile = (row: TileRow, complete = true): SearchResult['tiles'][number] => ({
  ...row,
  caption: row.caption ?? 'a river',
  ...{ shard: 0, line: 1, score: 1, complete },
  pieces: [
    { text: 'a ', marked: false },
    { text: 'river', marked: true },
  ],
});

async function pageOf(
  tiles: SearchResult['tiles'],
  { text = 'river', ...options }: { text?: string; total?: number; className?: string } = {},
) {
  const complete = tiles.filter(({ complete }) => complete).length;
  const { total = tiles.length, className } = options;
  const result = { tiles, complete, total, query: parseQuery(text), source: join(dir, 'images') };
  const path = join(dir, 'page.html');
  await writeSearchPage(path, { text, archive: 'ar<i>chive', result, className, command: `legenda '${text}'` });
  const source = readFileSync(path, 'utf8');
  const { document } = parseHTML(source);
  const texts = (selector: string) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent);
  return { source, document, texts };
}

it('shows small pictures of images with their captions, in themselves', async () => {
  const rows = ['wide & high.png', 'small.tif', join(dir, 'secret.png')];
  const { document, texts } = await pageOf(rows.map((image) => tile({ image })));
  const pictures = [...document.querySelectorAll('img')];
  expect(pictures.map((img) => [img.getAttribute('width'), img.getAttribute('height')])).toEqual([
    ['480', '320'],
    ['40', '20'],
    ['480', '320'],
  ]);
  expect(pictures.map((img) => img.getAttribute('alt'))).toEqual(['a river', 'a river', 'a river']);
  const [, base64] = pictures[0]!.getAttribute('src')!.split('data:image/jpeg;base64,');
  const { format, width } = await sharp(Buffer.from(base64!, 'base64')).metadata();
  expect({ format, width }).toEqual({ format: 'jpeg', width: 480 });
  expect(texts('mark')).toEqual(['river', 'river', 'river']);
  expect(texts('.caption')).toEqual(['a river', 'a river', 'a river']);
});

it('says which picture there is not, and why', async () => {
  const images = ['gone.png', 'text.jpg', 'cut.png', '../secret.png', '.'];
  const { document, texts } = await pageOf([
    ...images.map((image) => tile({ image })),
    tile({ image: 'wide & high.png', window: [0, 0, 9, 9] }),
  ]);
  expect(document.querySelectorAll('img').length).toBe(0);
  expect(texts('.absent')).toEqual([
    expect.stringMatching(/^No picture of gone\.png cannot read .*gone\.png: there is no such file or folder$/),
    'No picture of text.jpg the image is a text file, an image was expected (TIFF, PNG, JPEG or WebP)',
    expect.stringMatching(/^No picture of cut\.png the image is damaged or cut short/),
    'No picture of ../secret.png the path leads out of the source folder',
    expect.stringMatching(/^No picture of \. .* is a folder, an image was expected$/),
    expect.stringMatching(/^No picture of wide & high\.png .* is a PNG, a GeoTIFF was expected$/),
  ]);
});

it('shows windows of mosaics', async () => {
  await sharp({ create: { width: 30, height: 20, channels: 3, background: 'green' } })
    .tiff({ tile: true, tileWidth: 16, tileHeight: 16 })
    .toFile(join(dir, 'images', 'mosaic.tif'));
  const { document } = await pageOf([tile({ image: 'mosaic.tif', window: [8, 0, 12, 10] })]);
  const picture = document.querySelector('img')!;
  expect([picture.getAttribute('width'), picture.getAttribute('height')]).toEqual(['12', '10']);
});

it('takes nothing for markup', async () => {
  const evil = `"'><script>alert(1)</script>&amp;`;
  const row = { image: evil, caption: evil, class: evil, logProbability: -1 };
  const pieces = [{ text: evil, marked: true }];
  const { source, document, texts } = await pageOf([{ ...tile(row), pieces }], { text: evil, className: evil });
  expect(document.querySelectorAll('script, i').length).toBe(0);
  expect(source).not.toContain('<script');
  expect(texts('h1, mark, dd, code')).toEqual([evil, evil, evil, evil, '−1.00', `legenda '${evil}'`]);
  expect(document.querySelector('title')?.textContent).toBe(`${evil}: search in ar<i>chive`);
});

it('says what is known of a tile, and how many there are', async () => {
  const row: TileRow = {
    image: 'a.png',
    window: [512, 0, 256, 128],
    class: 'river',
    bounds: [-9.5, 38, -9.25, 38.125],
  };
  const tiles = [tile(row), tile({ image: 'b.png' }, false), tile({ image: 'c.png' }, false)];
  const { texts } = await pageOf(tiles, { text: 'white river', total: 1234, className: 'river' });
  expect(texts('li:first-child div')).toEqual([
    expect.stringContaining('a.png'),
    ...['imagea.png', 'window256 × 128 at 512, 0', 'classriver', 'bounds−9.50000, 38.00000, −9.25000, 38.12500'],
    ...[expect.stringContaining('b.png'), 'imageb.png'],
  ]);
  expect(texts('h2')).toEqual(['one tile with all the words', '1,233 tiles with some of them (2 shown)']);
  expect(texts('.subtitle')).toEqual(['the best 3 of 1,234 tiles in ar<i>chive · class river']);
});

it('says that nothing was found', async () => {
  const { texts } = await pageOf([], { text: 'white zebras' });
  expect(texts('main .lead')).toEqual(['No caption has any of these words.']);
  expect(texts('h2')).toEqual([]);
});
