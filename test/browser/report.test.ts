import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReproduction } from '../../src/report/reproduction.js';
import { writeReport } from '../../src/report/write.js';
import { chromiumPath, launchChromium, withoutChromium } from '../support/chromium.js';
import { cutOff, overlaps } from './layout.js';
import { faint, tiny } from './legible.js';
import { listen } from './listen.js';
import { measurePage } from './measure.js';
import { unsaid } from './outline.js';
import { longPage, usualPage } from './pages.js';

const windows = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
  { width: 360, height: 640 },
];

/** Milliseconds for a browser to start beside other work. */
const patience = 60_000;

/** A4 within margins of 10 mm, at 96 pixels an inch. */
const paper = { width: 718, height: 1047 };

describe.skipIf(chromiumPath === undefined)(`the page in a browser${withoutChromium}`, () => {
  let browser: Browser;
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'legenda-browser-'));
    browser = await launchChromium(chromiumPath!);
  }, patience);

  afterAll(async () => {
    await browser?.close();
    await rm(dir, { recursive: true, force: true });
  });

  describe.each([
    ['as it usually is', usualPage],
    ['with long names, numbers and lists', longPage],
  ])('%s', (name, data) => {
    let page: Page;
    let heard: string[];

    beforeAll(async () => {
      // The page alone: it needs nothing beside it.
      const file = await writeReport(join(dir, name), { ...renderReproduction(data()), figures: {} });
      page = await browser.newPage();
      heard = listen(page);
      await page.goto(pathToFileURL(file).href);
    }, patience);

    const setFolds = (open: boolean) =>
      page.evaluate((open) => {
        for (const details of document.querySelectorAll('details')) details.open = open;
      }, open);

    it('says what it is to those who do not see it', async () => {
      expect(await unsaid(page)).toEqual([]);
    });

    it.each(windows)('shows everything, apart, and each drawing once, at $width px', async (window) => {
      await page.setViewportSize(window);
      await setFolds(true);
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      const measured = await measurePage(page);
      expect([...cutOff(measured), ...overlaps(measured), ...tiny(measured)]).toEqual([]);
      const figures = await page.locator('figure.drawing').evaluateAll((all) => all.map(({ id }) => id));
      expect(measured.drawings.map(({ name }) => name)).toEqual(figures.map((id) => `figure#${id}.drawing`));
    });

    it.each(['light', 'dark'] as const)('can be read in the %s', async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      expect(faint(await measurePage(page))).toEqual([]);
    });

    it.each(['light', 'dark'] as const)('is whole and dark on white on paper, from the %s', async (colorScheme) => {
      await setFolds(false);
      await page.setViewportSize(paper);
      await page.emulateMedia({ colorScheme, media: 'print' });
      const measured = await measurePage(page);
      expect([...cutOff(measured), ...overlaps(measured), ...tiny(measured), ...faint(measured)]).toEqual([]);
      expect(measured.texts.filter(({ under }) => under[0]?.join() !== '255,255,255,1')).toEqual([]);
      // No drawing is torn by the end of a sheet, and what is folded on a screen is not on paper.
      expect(measured.drawings.filter(({ box }) => box.bottom - box.top > paper.height)).toEqual([]);
      const tables = await page.locator('table').count();
      expect(measured.elements.filter(({ name }) => name.startsWith('table'))).toHaveLength(tables);
    });

    it('prints to a few sheets', async () => {
      const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
      expect(pdf.slice(0, 5)).toBe('%PDF-');
      const sheets = pdf.match(/\/Type ?\/Page\b/g)?.length;
      expect(sheets).toBeGreaterThan(1);
      expect(sheets).toBeLessThan(40);
    });

    it('asks for nothing and complains of nothing', () => {
      expect(heard).toEqual([]);
    });
  });
});
