/** Every op in every case, forward and backward, on the runtimes of browsers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, withoutChromium } from '../support/chromium.js';
import { WebPages } from './open-page.js';
import type { Conformance } from './page/conformance.js';
import { documented } from './runtimes.js';

describe.skipIf(chromiumPath === undefined)(`ops in Chromium${withoutChromium}`, { timeout: 900_000 }, () => {
  const found = new Map<string, readonly Conformance[]>();
  let pages: WebPages;

  beforeAll(async () => {
    pages = await WebPages.open();
  }, 120_000);

  afterAll(() => pages?.[Symbol.asyncDispose]());

  it('WebAssembly computes every one', async () => {
    const { runtime, ops } = await pages.ask('conform', 'isolated', { threads: 2 });
    expect(runtime).toMatchObject({ name: 'onnxruntime-web, WebAssembly', threads: 2 });
    expect(ops.flatMap(({ op, failures }) => failures.map((failure) => ({ op, ...failure })))).toEqual([]);
    found.set('WebAssembly', ops);
  });

  it('WebGPU computes those that are documented', async () => {
    const { runtime, ops } = await pages.ask('conform', 'isolated', { device: 'webgpu' });
    expect(runtime.name).toBe('onnxruntime-web, WebGPU');
    documented(found.set('WebGPU', ops));
  });
});
