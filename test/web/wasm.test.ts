/** WebAssembly in Chromium: trainings as in Node, threads, sessions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, withoutChromium } from '../support/chromium.js';
import { agreesWithNode } from './agreement.js';
import { WebPages } from './open-page.js';

describe.skipIf(chromiumPath === undefined)(`WebAssembly in Chromium${withoutChromium}`, { timeout: 120_000 }, () => {
  let pages: WebPages;

  beforeAll(async () => {
    pages = await WebPages.open();
  }, 120_000);

  afterAll(() => pages?.[Symbol.asyncDispose]());

  it.each(['fashion-cnn', 'captioner-attention'] as const)('trains %s as Node does', async (name) => {
    await agreesWithNode(name, 8, await pages.ask('train', 'isolated', { threads: 1 }, name, 12, 8));
  });

  it('has one thread where the page is not isolated, and says so', async () => {
    const { runtime } = await pages.ask('train', 'plain', { threads: 2 }, 'captioner-attention', 1, 2);
    expect(runtime).toMatchObject({
      name: 'onnxruntime-web, WebAssembly (one thread: the page is not cross-origin isolated)',
      threads: 1,
    });
  });

  it('refuses another count of threads than the page began with', async () => {
    await expect(pages.ask('twoThreadCounts', 'isolated')).resolves.toBe(
      'this page computes with 1 threads since its first runtime; 2 came',
    );
  });

  it('creates and runs sessions that are asked for at once', async () => {
    const { losses } = await pages.ask('atOnce', 'isolated', 4);
    expect(losses).toHaveLength(4);
    for (const own of losses) expect(own).toEqual(losses[0]);
  });

  it('keeps no memory of sessions that were released', async () => {
    const bytes = await pages.ask('sessionsInTurn', 'isolated', 60, 20);
    // parameters and momenta of one training, twice, are 12 MB: forty that stay would be 500
    expect(bytes.at(-1)! - bytes[0]!, `${bytes}`).toBeLessThan(2 ** 24);
  });
});
