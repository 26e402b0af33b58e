import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FoundTile } from '../../src/archive/search/find.js';
import { renderSearchPage } from '../../src/archive/search/page/page.js';
import type { Thumbnail } from '../../src/archive/search/page/thumbnail.js';
import { chromiumPath, launchChromium, withoutChromium } from '../support/chromium.js';
import { cutOff, overlaps } from './layout.js';
import { faint, tiny } from './legible.js';
import { listen } from './listen.js';
import { measurePage } from './measure.js';
import { unsaid } from './outline.js';

const unbroken = 'abcdefghij'.repeat(12);

const tile = (i: number): FoundTile => ({
  image: i % 3 === 0 ? `${unbroken}/${i}.tif` : `${i}.tif`,
  ...(i % 2 === 0 && { window: [123_456_789, 987_654_321, 100_000, 100_000] as const }),
  ...(i % 4 < 2 && { class: i === 1 ? unbroken : 'dense residential' }),
  ...(i % 5 < 3 && { bounds: [-179.999999, -89.999999, 179.999999, 89.999999] as const, logProbability: -123_456.789 }),
  caption: i === 2 ? unbroken : 'white buildings near a river',
  ...{ shard: 0, line: i + 1, score: 1, complete: i < 5 },
  pieces:
    i === 2
      ? [{ text: unbroken, marked: true }]
      : [
          { text: 'white buildings', marked: true },
          { text: ' near a river', marked: false },
        ],
});

describe.skipIf(chromiumPath === undefined)(`the page of a search in a browser${withoutChromium}`, () => {
  let browser: Browser;
  let dir: string;
  let page: Page;
  let heard: string[];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'legenda-browser-'));
    const picture = async (width: number, height: number): Promise<Thumbnail> => {
      const jpeg = await sharp({ create: { width, height, channels: 3, background: 'teal' } })
        .jpeg()
        .toBuffer();
      return { uri: `data:image/jpeg;base64,${jpeg.toString('base64')}`, width, height };
    };
    const tiles = Array.from({ length: 12 }, (_, i) => tile(i));
    const pictures = [await picture(480, 480), await picture(480, 90), await picture(16, 16)];
    const missing = { missing: `cannot read /${unbroken}/${unbroken}.tif: there is no such file or folder` };
    const thumbnails = tiles.map((_, i) => [...pictures, missing][i % 4]!);
    const query = { words: ['white', 'buildings', 'river'], phrases: [] };
    const result = { tiles, complete: 123_456, total: 123_456_789, query, source: dir };
    const html = renderSearchPage({
      ...{ text: `white buildings near a river ${unbroken}`, archive: `/${unbroken}`, result, thumbnails },
      ...{ className: unbroken, bounds: [-180, -90, 180, 90], command: `legenda search /${unbroken} '${unbroken}'` },
    });
    const file = join(dir, 'page.html');
    await writeFile(file, html);
    browser = await launchChromium(chromiumPath!);
    page = await browser.newPage();
    heard = listen(page);
    await page.goto(pathToFileURL(file).href);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it.each([1440, 800, 390, 360])('shows everything, apart, at %d px', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    const measured = await measurePage(page);
    expect([...cutOff(measured), ...overlaps(measured), ...tiny(measured)]).toEqual([]);
    const sides = await page.locator('.hits img').evaluateAll((images) => images.map((image) => image.clientWidth));
    expect(new Set(sides).size, 'pictures have one size').toBe(1);
    const columns = await page
      .locator('.hits')
      .first()
      .evaluate((list) => getComputedStyle(list).gridTemplateColumns);
    expect(columns.split(' ').length).toBe({ 1440: 5, 800: 3, 390: 1, 360: 1 }[width]);
  });

  it.each(['light', 'dark'] as const)('can be read in the %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(faint(await measurePage(page))).toEqual([]);
  });

  it('is whole on paper', async () => {
    await page.setViewportSize({ width: 718, height: 1047 });
    await page.emulateMedia({ media: 'print' });
    const measured = await measurePage(page);
    expect([...cutOff(measured), ...overlaps(measured), ...faint(measured)]).toEqual([]);
    await page.emulateMedia({ media: 'screen' });
  });

  it('says what it is to those who do not see it', async () => {
    expect(await unsaid(page)).toEqual([]);
    const names = await page
      .locator('.hits img')
      .evaluateAll((images) => images.map((image) => image.getAttribute('alt')));
    expect(names).toHaveLength(9);
    expect(names).not.toContain('');
  });

  it('asks for nothing and complains of nothing', () => {
    expect(heard).toEqual([]);
  });
});
