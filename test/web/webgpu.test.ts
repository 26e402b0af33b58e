/** WebGPU in Chromium, computed in software: trainings as in Node. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { chromiumPath, withoutChromium } from '../support/chromium.js';
import { agreesWithNode } from './agreement.js';
import { WebPages } from './open-page.js';

describe.skipIf(chromiumPath === undefined)(`WebGPU in Chromium${withoutChromium}`, { timeout: 600_000 }, () => {
  let pages: WebPages;

  beforeAll(async () => {
    pages = await WebPages.open();
  }, 120_000);

  afterAll(() => pages?.[Symbol.asyncDispose]());

  it.each([
    ['fashion-cnn', 2, 2],
    ['captioner-attention', 4, 3],
  ] as const)('trains %s as Node does', async (name, batch, steps) => {
    await agreesWithNode(name, batch, await pages.ask('train', 'isolated', { device: 'webgpu' }, name, steps, batch));
  });
});
