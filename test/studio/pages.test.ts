import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/tensor/safetensors.js';
import { tensor } from '../../src/tensor/tensor.js';
import { chromiumPath, launchChromium, withoutChromium } from '../support/chromium.js';
import { legenda } from '../support/cli.js';
import type { Listening } from '../support/listening.js';
import { smallCaptioner, smallClassifier } from '../support/service.js';
import { complaintsOf, longestWait, openPage, pageNames, startStudio } from '../support/studio.js';

const axe = readFileSync(fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');

describe.skipIf(chromiumPath === undefined)(`the studio's pages${withoutChromium}`, { timeout: 120_000 }, () => {
  let root: string;
  let studio: Listening;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'legenda-studio-'));
    await Promise.all([smallCaptioner(root), smallClassifier(root)]);
    studio = await startStudio([root]);
    browser = await launchChromium(chromiumPath!);
    page = await browser.newPage();
    complaints = complaintsOf(page);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    expect(await studio?.stop()).toBe(0);
    rmSync(root, { recursive: true, force: true });
  });

  const text = (selector: string) => page.locator(selector).innerText();

  it('lists runs with what came of them, draws their curves, and says where they differ', async () => {
    await openPage(page, studio.url, 'runs');
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^Show ${name}`) });
    await row('looks').waitFor();
    expect(await row('garments').innerText()).toMatch(/fashion-cnn-best, sample\s+done\s+1\/1\s+0\.\d{4} accuracy/);
    for (const name of ['looks', 'garments']) await page.getByLabel(`Show ${name}`).check();
    for (const drawing of [
      'Training loss by epoch',
      'Validation accuracy by epoch',
      'Validation BLEU-4 by epoch',
      'Filters of conv1',
    ])
      await page.getByRole('img', { name: drawing }).waitFor();
    const colours = async (drawing: string) =>
      (await page.getByRole('img', { name: drawing }).innerHTML()).match(/var\(--line-\d\)/g);
    const [accuracy, bleu] = [await colours('Validation accuracy'), await colours('Validation BLEU-4')];
    expect(new Set(accuracy).size).toBe(1);
    expect(new Set([...accuracy!, ...bleu!]).size).toBe(2);
    const differences = page.getByRole('region', { name: 'Differences of configuration' });
    expect(await differences.getByRole('row', { name: /^recipe/ }).innerText()).toMatch(
      /captioner-attention\s+fashion-cnn-best|fashion-cnn-best\s+captioner-attention/,
    );
    expect(complaints).toEqual([]);
  });

  it('says when nothing was heard of a run for a while, and draws one of few steps', async () => {
    const killed = join(root, 'killed');
    cpSync(join(root, 'garments'), killed, { recursive: true });
    const events = readFileSync(join(killed, 'events.jsonl'), 'utf8').trim().split('\n');
    const time = new Date(Date.now() - 4 * 60_000).toISOString();
    const kept = events.filter((line) => !/"type":"(train|test|end)"/.test(line));
    writeFileSync(
      join(killed, 'events.jsonl'),
      kept.map((line) => `${JSON.stringify({ ...JSON.parse(line), time })}\n`).join(''),
    );
    const own = await browser.newPage();
    await own.clock.install();
    await openPage(own, studio.url, 'runs');
    await own.getByLabel('Show killed').check();
    for (const name of ['looks', 'garments']) await own.getByLabel(`Show ${name}`).uncheck();
    const section = own.getByRole('region', { name: 'killed' });
    expect(await section.getByRole('status').innerText()).toMatch(/^Running, step \d/);
    expect(await own.getByRole('img', { name: 'Training loss by epoch' }).locator('circle').count()).toBe(1);
    await own.clock.fastForward(2 * 60_000);
    await section.getByText(/^Not heard of for 6 minutes, step \d/).waitFor();
    await own.getByRole('button', { name: 'Resume killed' }).waitFor();
    // a checkpoint within an epoch has other filters
    const again = own.waitForRequest(/\/filters$/);
    const checkpoint = { type: 'checkpoint', time: new Date().toISOString(), step: 10_000, epoch: 1, best: false };
    appendFileSync(join(killed, 'events.jsonl'), `${JSON.stringify(checkpoint)}\n`);
    await again;
    await own.close();
    rmSync(killed, { recursive: true });
  });

  it('says nothing of runs before it has heard of them, tries again, and says when its token is refused', async () => {
    const own = await browser.newPage();
    await own.route('**/api/**', (route) => route.abort());
    await openPage(own, studio.url, 'runs');
    const alert = own.getByRole('alert');
    for (const name of ['Runs', 'Classifier']) {
      await own.getByRole('link', { name }).click();
      await own.getByRole('heading', { level: 1, name }).waitFor();
      await alert.filter({ hasText: 'The studio does not answer; this page tries again.' }).waitFor();
      expect(await own.getByText(/^There (is no classifier|are no runs) yet/).count()).toBe(0);
    }
    await own.getByRole('link', { name: 'Runs' }).click();
    await alert.waitFor();
    await own.unroute('**/api/**');
    await own.getByText('Begin a training').click();
    await expect
      .poll(() => own.getByRole('button', { name: 'Train', exact: true }).isEnabled(), { timeout: 15_000 })
      .toBe(true);
    expect(await alert.count()).toBe(0);
    // a page that is not seen holds no connection
    const ended = own.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/stream'));
    await show(own, false);
    await ended;
    await own.route('**/api/**', (route) => route.fulfill({ status: 401, json: {} }));
    await show(own, true);
    await alert.filter({ hasText: 'The token with which this page was opened is not accepted any more' }).waitFor();
    await own.close();
  });

  it('counts a network as it is typed, and says at the layer what is wrong', async () => {
    await openPage(page, studio.url, 'designer');
    const all = page.getByRole('row', { name: /^All layers/ });
    expect(await all.innerText()).toMatch(/^All layers\s+10,298\s+355,280/);
    await page.getByLabel('Begin with').selectOption('two linear layers: the report’s second');
    expect(await all.innerText()).toMatch(/^All layers\s+236,310\s/);
    await page.getByLabel('features of layer 2').fill('50');
    expect(await all.innerText()).toMatch(/^All layers\s+118,160\s/);
    expect(await text('tbody tr:nth-child(2) code')).toBe('2352·50 + 50');
    await page.getByLabel('Add a layer after layer 1').click();
    await page.getByLabel('Layer 2', { exact: true }).selectOption('Conv2d');
    expect(await text('tbody [role=alert]')).toBe(
      'layer 2, Conv2d: channels, height and width are expected, [2352] comes in',
    );
    expect(await all.innerText()).toMatch(/^All layers that fit\s+0\s/);
    await page.getByLabel('Remove layer 2').click();
    expect(await page.locator('tbody [role=alert]').count()).toBe(0);
    await page.getByLabel('features of layer 2').fill('');
    expect(await text('tbody [role=alert]')).toBe(
      'layer 2, Linear: features: a whole number from 1 is expected, NaN came',
    );
    expect(complaints).toEqual([]);
  });

  it('trains a design in the page, which answers meanwhile, and saves it as ONNX', async () => {
    await openPage(page, studio.url, 'designer');
    await page.getByLabel('Begin with').selectOption('a small one for Fashion-MNIST');
    await page.getByLabel('Learning rate').fill('0.1');
    await page.getByLabel('Epochs').fill('2');
    const count = page.getByRole('row', { name: /^All layers/ });
    const status = page.getByRole('status');
    const train = page.getByRole('button', { name: 'Train in this page' });
    for (const [name, typed] of [
      ['Epochs', '0'],
      ['Epochs', '1.5'],
      ['Epochs', ''],
      ['Learning rate', '-1'],
      ['Learning rate', '10000'],
      ['Seed', '-1'],
    ] as const) {
      const field = page.getByLabel(name);
      const before = await field.inputValue();
      await field.fill(typed);
      await train.click();
      expect([await status.innerText(), await train.isEnabled()], `${name} ${typed}`).toEqual(['', true]);
      await field.fill(before);
    }
    // without what bounds it
    for (const layer of [9, 5, 2]) await page.getByLabel(`Remove layer ${layer}`, { exact: true }).click();
    await page.getByLabel('Learning rate').fill('10');
    await train.click();
    await page
      .getByRole('alert')
      .filter({ hasText: /^The training diverged: the loss of step \d+ is not/ })
      .waitFor();
    expect([await status.innerText(), await page.getByText('Save as ONNX').count()]).toEqual(['', 0]);
    await page.getByLabel('Begin with').selectOption('a small one for Fashion-MNIST');
    await page.getByLabel('Learning rate').fill('0.1');
    await train.click();
    await expect.poll(() => status.innerText(), { timeout: 60_000 }).toMatch(/^Step \d+ of \d+, loss/);
    expect(await longestWait(page, 1000)).toBeLessThan(400);
    await page.getByLabel('features of layer 8').fill('65');
    expect(await count.innerText()).toMatch(/^All layers\s+39,413\s/);
    await expect
      .poll(() => status.innerText(), { timeout: 90_000 })
      .toMatch(/^Done after \d+ steps and \d+ s: \d+\.\d % of the test images are right\.$/);
    const share = Number(/([\d.]+) % of/.exec(await status.innerText())![1]);
    expect(share).toBeGreaterThan(55);
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save as ONNX' }).click();
    const file = join(root, 'design.onnx');
    await (await saving).saveAs(file);
    const summary = await legenda(['summary', file, '--json']);
    expect(JSON.parse(summary.stdout)).toMatchObject({ parameters: 38826 });
    expect(complaints).toEqual([]);
  });

  it('plays with two heads that are one, and reads those of a file', async () => {
    await openPage(page, studio.url, 'attention');
    const numbers = () => page.getByRole('status').innerText();
    expect(await numbers()).toMatch(/rank of A, head 1\s+3 of 8\s+rank of A, head 2\s+3 of 8/);
    expect(await numbers()).toMatch(/distance \|A¹ − A²\|\s+\d\.\de-1[4-7]\s/);
    expect(await numbers()).toMatch(/the same head\?\s+yes/);
    await page.getByLabel(/^Dimension d/).fill('5');
    expect(await numbers()).toMatch(/head 1\s+5 of 8/);
    await page.getByLabel(/^Disturbance/).fill('0.5');
    expect(await numbers()).toMatch(/the same head\?\s+no/);
    await page.getByLabel('The second head').selectOption('own');
    expect(await numbers()).toMatch(/the same head\?\s+no/);
    const weights = tensor(
      'float32',
      [24, 8],
      Float32Array.from({ length: 192 }, (_, i) => Math.sin(i * i)),
    );
    const file = join(root, 'heads.safetensors');
    writeFileSync(file, encodeSafetensors(new Map([['self_attn.in_proj_weight', weights]])));
    await page.getByLabel(/^Heads of a model of yours/).setInputFiles(file);
    await expect.poll(numbers).toMatch(/rank of A, head 0\s+4 of 8/);
    const broken = join(root, 'broken.safetensors');
    writeFileSync(broken, 'no weights');
    await page.getByLabel(/^Heads of a model of yours/).setInputFiles(broken);
    await page.getByRole('alert').filter({ hasText: 'broken.safetensors: safetensors: the header' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('captions a dropped picture in the page as the command line does, word by word with its maps', async () => {
    const image = join(root, 'tile.png');
    const noise = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * 7919) % 251);
    // of the size that the captioner sees, so that both see the very same
    await sharp(noise, { raw: { width: 16, height: 16, channels: 3 } }).toFile(image);
    const greedy = await legenda(['caption', join(root, 'looks'), image, '--beam', '1']);
    const beam = await legenda(['caption', join(root, 'looks'), image, '--beam', '5']);
    const caption = ({ stdout }: { stdout: string }) => stdout.trimEnd().split('\t')[1]!;

    await openPage(page, studio.url, 'captions');
    await page.getByText(/^Ready: /).waitFor();
    const sent: string[] = [];
    page.on('request', (request) => request.url().startsWith('data:') || sent.push(request.url().slice(0, 40)));
    const bytes = readFileSync(image).toString('base64');
    const given = await page.evaluateHandle(async (data) => {
      const transfer = new DataTransfer();
      transfer.items.add(
        new File([await (await fetch(`data:image/png;base64,${data}`)).blob()], 'tile.png', { type: 'image/png' }),
      );
      return transfer;
    }, bytes);
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: given });
    await page.getByRole('heading', { name: /^What a beam of/ }).waitFor();
    expect(await text('.said')).toBe(caption(greedy));
    expect(await text('.others li:first-child')).toContain(caption(beam));
    const words = caption(greedy).split(' ').filter(Boolean);
    const buttons = page.getByRole('group', { name: 'Words of the caption' }).getByRole('button');
    expect((await buttons.allInnerTexts()).slice(0, words.length).map((label) => label.split(/\s/)[0])).toEqual(words);
    expect(await page.locator('.maps canvas').count()).toBe(await buttons.count());
    await buttons.nth(1).click();
    await page.getByLabel(`Where the captioner looked for “${words[1] ?? '(end)'}”`).waitFor();
    // nothing is asked of anybody, and so nothing uploaded
    expect(sent).toEqual([]);
    // of two that are given at once the last is described, and nothing of the first
    const last = { name: 'tile.png', mimeType: 'image/png', buffer: readFileSync(image) };
    const red = sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } });
    const input = page.getByLabel(/^Drop an image/);
    await input.setInputFiles({ ...last, name: 'red.png', buffer: await red.png().toBuffer() });
    await input.setInputFiles(last);
    await page.getByRole('heading', { name: /^What a beam of/ }).waitFor();
    await expect.poll(() => text('.said')).toBe(caption(greedy));
    await input.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no image') });
    await page.getByText('this is no image that browsers can read').waitFor();
    expect(await text('.said')).toBe('');
    // another captioner is chosen while an image is read for this one
    await page.evaluate(() => {
      const read = createImageBitmap;
      window.createImageBitmap = async (image: ImageBitmapSource) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        document.body.dataset['read'] = '';
        return read(image);
      };
    });
    await input.setInputFiles(last);
    await page.getByLabel('Captioner').dispatchEvent('change');
    await page.locator('[data-read]').waitFor();
    await page.getByText(/^Ready: /).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('moves a picture by the arrow keys: convolutions move along, what is said need not stay', async () => {
    await openPage(page, studio.url, 'classifier');
    const status = page.getByRole('status');
    await expect.poll(() => status.innerText()).toMatch(/^Pullover\. It says: \S.*, \d+\.\d %\./);
    const before = await page.locator('table').innerText();
    await page.getByRole('application').focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => status.innerText()).toMatch(/moved by 4 right and 0 down/);
    const layers = await page.getByText(/^Off from moving along by/).allInnerTexts();
    expect(layers[0]).toBe('Off from moving along by 0.0 %.');
    await expect.poll(() => page.locator('table').innerText()).not.toBe(before);
    await page.getByRole('button', { name: 'Clear, to draw' }).click();
    const table = () => page.locator('table').innerText();
    const plain = (white: number, alpha: number) => {
      const background = { r: white, g: white, b: white, alpha };
      return sharp({ create: { width: 9, height: 9, channels: 4, background } })
        .png()
        .toBuffer();
    };
    const give = async (buffer: Buffer) => {
      const before = await table();
      await page.getByLabel('An image of yours').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer });
      await expect.poll(table).not.toBe(before);
      return table();
    };
    const grey = await give(await plain(128, 1));
    const white = await give(await plain(255, 1));
    expect(white).not.toBe(grey);
    // what is half transparent is laid on black
    expect(await give(await plain(255, 128 / 255))).toBe(grey);
    await page.getByRole('button', { name: 'Clear, to draw' }).click();
    const box = (await page.getByRole('application').boundingBox())!;
    await page.mouse.move(box.x + 60, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 120, box.y + 160, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => status.innerText()).toMatch(/^A picture of yours/);
    expect(complaints).toEqual([]);
  });

  it.each(pageNames)(
    '%s: reached by keys, named for screen readers, within its width, light and dark',
    async (name) => {
      for (const width of [390, 1440]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
          const own = await context.newPage();
          const heard = complaintsOf(own);
          await openPage(own, studio.url, name);
          if (name === 'captions') await own.getByText(/^Ready: /).waitFor();
          if (name === 'classifier') await own.getByRole('heading', { name: /^Layer 1/ }).waitFor();
          if (name === 'runs') await own.getByRole('img', { name: 'Training loss by epoch' }).waitFor();
          expect(
            await own.evaluate(() => document.documentElement.scrollWidth - innerWidth),
            `${width}`,
          ).toBeLessThanOrEqual(0);
          // by its protocol: the page's policy lets no script in
          const session = await context.newCDPSession(own);
          await session.send('Runtime.evaluate', { expression: axe });
          const { result } = await session.send('Runtime.evaluate', {
            expression: `axe.run().then(({ violations }) => JSON.stringify(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])))`,
            awaitPromise: true,
          });
          expect(JSON.parse(String(result.value)), `${width} ${colorScheme}`).toEqual([]);
          if (width === 1440 && colorScheme === 'light') expect(await unreached(own)).toEqual([]);
          expect(heard).toEqual([]);
          await context.close();
        }
      }
    },
  );
});

/** Says to a page that it is seen, or is not. */
const show = (page: Page, seen: boolean): Promise<boolean> =>
  page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      return document.dispatchEvent(new Event('visibilitychange'));
    },
    seen ? 'visible' : 'hidden',
  );

/** Controls that Tab does not come to. */
async function unreached(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    for (const control of document.querySelectorAll<HTMLElement>(
      'a[href], button:not(:disabled), input:not(:disabled), select, summary',
    ))
      if (control.checkVisibility()) control.dataset['control'] = '';
  });
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press('Tab');
    const again = await page.evaluate(() => {
      const activeElement = document.activeElement as HTMLElement;
      const seen = activeElement.dataset['reached'] === '' || activeElement === document.body;
      activeElement.dataset['reached'] = '';
      return seen;
    });
    if (again && i > 5) break;
  }
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-control]:not([data-reached])')].map((element) =>
      element.outerHTML.slice(0, 100),
    ),
  );
}
