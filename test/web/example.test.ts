/** examples/browser as its reader would use it: trained in the page, watched, stopped, saved and run elsewhere. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClassificationScorer } from '../../src/metrics/classification.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { decodeSafetensors } from '../../src/tensor/safetensors.js';
import { tensor } from '../../src/tensor/tensor.js';
import { chromiumPath, launchChromium, withoutChromium } from '../support/chromium.js';
import { bundle, type Served, serveFolder } from '../support/web-page.js';

const example = fileURLToPath(new URL('../../examples/browser/', import.meta.url));

describe.skipIf(chromiumPath === undefined)(`examples/browser${withoutChromium}`, { timeout: 240_000 }, () => {
  let folder: string;
  let browser: Browser;
  let served: Served;
  let page: Page;
  const complaints: string[] = [];
  const status = () => page.locator('#status').textContent();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-example-'));
    await bundle(example, folder);
    execFileSync(process.execPath, [join(example, 'bundle-data.js'), join(folder, 'fashion-mnist.safetensors')]);
    served = await serveFolder(folder, true);
    browser = await launchChromium(chromiumPath!);
    page = await browser.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    await page.goto(served.address);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await served?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('trains in a worker while the page answers, stops when told, and saves what it learned', async () => {
    await page.getByLabel('Batch').fill('50');
    await page.getByLabel('Learning rate').fill('0.05');
    await page.getByLabel('Epochs').fill('20');
    await page.getByRole('button', { name: 'Train' }).click();
    // far enough that four in ten are right, however slow the machine is
    await expect.poll(status, { timeout: 90_000 }).toMatch(/^Loss 0\.\d+, \d+ steps a second/);
    expect(await page.evaluate(longestWait)).toBeLessThan(250);
    const colours = () => page.locator('#filters').evaluate(coloursOf);
    expect(await colours()).toBeGreaterThan(50);

    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(status, { timeout: 60_000 }).toMatch(/^Stopped after \d+ steps/);
    const said = /: (\d+\.\d) % of the test images are right/.exec((await status())!);
    const accuracy = Number(said?.[1]) / 100;
    expect(accuracy).toBeGreaterThan(0.4);

    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save as ONNX' }).click();
    const file = new Uint8Array(await readFile(await (await saved).path()));
    expect(await accuracyInNode(file)).toBeCloseTo(accuracy, 2);
    expect(complaints).toEqual([]);
  });

  it('says what does not work', async () => {
    await page.getByLabel('Compute on').selectOption('WebGPU');
    await page.getByRole('button', { name: 'Train' }).click();
    await expect.poll(status).toMatch(/^It does not work: this browser has/);
    expect(await page.getByRole('button', { name: 'Train' }).isEnabled()).toBe(true);
  });

  async function accuracyInNode(model: Uint8Array): Promise<number> {
    const { tensors } = decodeSafetensors(new Uint8Array(await readFile(join(folder, 'fashion-mnist.safetensors'))));
    const bytes = tensors.get('test.pixels')!;
    const pixels = Float32Array.from(bytes.data as Uint8Array, (byte) => byte / 256);
    const session = await nodeRuntime().compile(model);
    const { logProbabilities } = await session
      .run({ [session.inputNames[0]!]: tensor('float32', bytes.shape, pixels) }, { [session.outputNames[0]!]: true })
      .then((found) => ({ logProbabilities: Object.values(found)[0]! }));
    const scorer = new ClassificationScorer(10);
    scorer.add(logProbabilities.data as Float32Array, tensors.get('test.labels')!.data as Uint8Array, bytes.shape[0]!);
    await session.release();
    return scorer.scores().accuracy;
  }
});

/** In the page: the longest that a timer of 10 ms was late in two seconds. */
async function longestWait(): Promise<number> {
  let longest = 0;
  const began = performance.now();
  for (let last = began; last < began + 2000; ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = performance.now();
    longest = Math.max(longest, now - last - 10);
    last = now;
  }
  return longest;
}

/** In the page: how many colours a drawing has. */
function coloursOf(canvas: Element): number {
  const { width, height } = canvas as HTMLCanvasElement;
  const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
  return new Set(new Uint32Array(data.buffer)).size;
}
