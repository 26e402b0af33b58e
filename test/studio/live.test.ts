import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium, withoutChromium } from '../support/chromium.js';
import { legenda } from '../support/cli.js';
import type { Listening } from '../support/listening.js';
import { smallCaptioner, smallClassifier } from '../support/service.js';
import { complaintsOf, longestWait, openPage, startStudio } from '../support/studio.js';
import { serveFolder } from '../support/web-page.js';

describe.skipIf(chromiumPath === undefined)(`runs in the studio${withoutChromium}`, { timeout: 120_000 }, () => {
  let root: string;
  let studio: Listening;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'legenda-studio-'));
    mkdirSync(join(root, 'runs'));
    studio = await startStudio([join(root, 'runs')]);
    browser = await launchChromium(chromiumPath!);
    page = await browser.newPage();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await studio?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it('are begun from the page, seen from their first step to their end, stopped and gone on with', async () => {
    const complaints = complaintsOf(page);
    await openPage(page, studio.url, 'runs');
    await page.getByText('There are no runs yet').waitFor();
    await page.getByText('Begin a training').click();
    await page.getByLabel('on the bundled sample').check();
    await page.getByLabel('batch', { exact: true }).fill('zero');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page
      .getByRole('alert')
      .filter({ hasText: /^batch: .*got "zero"$/ })
      .waitFor();
    expect(readdirSync(join(root, 'runs'))).toEqual([]);

    await page.getByLabel('batch', { exact: true }).fill('32');
    await page.getByLabel('epochs', { exact: true }).fill('40');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    const row = page.getByRole('row', { name: /^Show fashion-cnn-/ });
    const status = page.getByRole('region', { name: /^fashion-cnn-/ }).getByRole('status');
    await expect.poll(() => status.innerText(), { timeout: 60_000 }).toMatch(/^Running, step \d+/);
    await page.getByRole('img', { name: 'Training loss by epoch' }).waitFor();
    const epochs = async () => Number(/running\s+(\d+)\/40/.exec(await row.innerText())?.[1] ?? 0);
    await expect.poll(epochs, { timeout: 60_000 }).toBeGreaterThan(1);
    await page.getByRole('img', { name: 'Filters of conv1' }).waitFor();
    await page.getByRole('button', { name: /^Stop fashion-cnn/ }).click();
    await expect.poll(() => status.innerText(), { timeout: 30_000 }).toMatch(/^Stopped, step/);
    const stopped = Number(/(\d+)\/40/.exec(await row.innerText())![1]);
    await page.getByRole('button', { name: /^Resume fashion-cnn/ }).click();
    await expect.poll(epochs, { timeout: 60_000 }).toBeGreaterThan(stopped);
    await page.getByRole('button', { name: /^Stop fashion-cnn/ }).click();
    await expect.poll(() => status.innerText(), { timeout: 30_000 }).toMatch(/^Stopped, step/);

    // activations of a run that has not ended, of its last checkpoint
    const other = await browser.newPage();
    await openPage(other, studio.url, 'classifier');
    await other.getByRole('heading', { name: 'Layer 1: 16 maps of 28×28' }).waitFor();
    await other.close();

    // a short one to its end
    await page.getByLabel('epochs', { exact: true }).fill('2');
    await page.getByLabel('batch', { exact: true }).fill('100');
    await page.getByLabel('Seed').fill('7');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    const short = page.getByRole('row', { name: /^Show fashion-cnn-\S+-7 / });
    await expect.poll(() => short.innerText(), { timeout: 60_000 }).toMatch(/done\s+2\/2\s+0\.\d{4} accuracy/);
    await page.getByText(/Test: loss \d\.\d+, accuracy 0\.\d+/).waitFor();
    expect(complaints.filter((text) => !text.includes('400 (Bad Request)'))).toEqual([]);
  });

  it('of a hundred thousand events are drawn while the page answers', async () => {
    const [finished] = readdirSync(join(root, 'runs')).filter((name) => name.endsWith('-7'));
    const long = join(root, 'runs', 'long');
    cpSync(join(root, 'runs', finished!), long, { recursive: true });
    const lines = Array.from({ length: 100_000 }, (_, i) => {
      const step = 100 * (i + 1);
      const time = new Date(Date.UTC(2026, 0, 1) + 1000 * i).toISOString();
      return JSON.stringify({
        type: 'train',
        time,
        step,
        epoch: Math.floor(i / 1000),
        loss: 2 / (1 + i / 5000),
        learningRate: 0.01,
        stepsPerSecond: 100,
      });
    });
    rmSync(join(long, 'events.jsonl'));
    const start = { type: 'start', time: '2026-01-01T00:00:00.000Z', step: 0, epoch: 0, resumed: false };
    appendFileSync(join(long, 'events.jsonl'), `${JSON.stringify(start)}\n${lines.join('\n')}\n`);
    await page.getByLabel('Show long').waitFor({ timeout: 30_000 });
    await page.getByLabel('Show long').check();
    await page.getByText('step 10,000,000').waitFor({ timeout: 30_000 });
    // it goes on while the page is typed into
    const going = setInterval(() => {
      const step = 100 * (100_001 + lines.length);
      lines.push('');
      appendFileSync(
        join(long, 'events.jsonl'),
        `${JSON.stringify({ type: 'train', time: new Date().toISOString(), step, epoch: 100, loss: 0.1, learningRate: 0.01, stepsPerSecond: 100 })}\n`,
      );
    }, 50);
    try {
      const waited = longestWait(page, 3000);
      for (const text of ['1', '12', '123', '1234']) await page.getByLabel('Seed').fill(text);
      await page.mouse.wheel(0, 800);
      expect(await waited).toBeLessThan(400);
    } finally {
      clearInterval(going);
    }
  });

  it('are written as a site that any server of files serves, and that asks nobody else', async () => {
    const runs = join(root, 'chosen');
    mkdirSync(runs);
    await Promise.all([smallCaptioner(runs), smallClassifier(runs)]);
    const site = join(root, 'site');
    const written = await legenda(['studio', runs, '--export', site, '--json']);
    expect(written.status, written.stderr).toBe(0);
    expect(JSON.parse(written.stdout).runs.toSorted()).toEqual(['garments', 'looks']);
    for (const name of readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.json'),
    ))
      expect(readFileSync(join(site, name), 'utf8')).not.toContain(root);
    // whoever serves it may read it
    expect(statSync(site).mode & 0o055).toBe(0o055 & ~process.umask());
    const again = await legenda(['studio', runs, '--export', site]);
    expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining('a new or empty folder is expected') });
    const none = await legenda(['studio', join(root, 'nothing'), '--export', join(root, 'other')]);
    expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('there are no runs in') });
    expect(readdirSync(root)).not.toContain('other');

    await using served = await serveFolder(site, false);
    const own = await browser.newPage();
    const complaints = complaintsOf(own);
    const asked: string[] = [];
    own.on('request', (request) => request.url().startsWith(served.address) || asked.push(request.url()));
    await own.goto(`${served.address}#runs`);
    await own.getByLabel('Show looks').check();
    await own.getByRole('img', { name: 'Validation BLEU-4 by epoch' }).waitFor();
    expect(await own.getByText('Begin a training').count()).toBe(0);
    await own.getByRole('link', { name: 'Captions' }).click();
    await own.getByText('one thread: the page is not cross-origin isolated').waitFor();
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    await own.getByLabel(/^Drop an image/).setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: png });
    await own.getByRole('heading', { name: /^What a beam of/ }).waitFor();
    await own.getByRole('link', { name: 'Classifier' }).click();
    await own.getByRole('heading', { name: /^Layer 1/ }).waitFor();
    expect(asked.filter((url) => !url.startsWith('blob:'))).toEqual([]);
    expect(complaints).toEqual([]);
    await own.close();
  });
});

it('the page’s own code is small', () => {
  const assets = fileURLToPath(new URL('../../dist/studio/assets/', import.meta.url));
  const code = readdirSync(assets).filter((name) => /\.(js|css)$/.test(name) && !name.startsWith('ort'));
  const bytes = code.reduce((sum, name) => sum + brotliCompressSync(readFileSync(join(assets, name))).length, 0);
  expect(code.length).toBeGreaterThan(5);
  expect(bytes).toBeLessThan(250_000);
});
