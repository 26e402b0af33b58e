/** The page of `page/` in Chromium, bundled and served as a user's would be. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { chromiumPath, launchChromium, softwareWebGpu } from '../support/chromium.js';
import { bundle, type Served, serveFolder } from '../support/web-page.js';
import type { Asked } from './page/main.js';

export class WebPages implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #folder: string;
  readonly #served: Record<'isolated' | 'plain', Served>;

  private constructor(browser: Browser, folder: string, isolated: Served, plain: Served) {
    this.#browser = browser;
    this.#folder = folder;
    this.#served = { isolated, plain };
  }

  static async open(): Promise<WebPages> {
    const folder = await mkdtemp(join(tmpdir(), 'legenda-web-'));
    await bundle(fileURLToPath(new URL('page', import.meta.url)), folder);
    const browser = await launchChromium(chromiumPath!, softwareWebGpu);
    return new WebPages(browser, folder, await serveFolder(folder, true), await serveFolder(folder, false));
  }

  /** Calls one of the page's functions, in a page of its own. */
  async ask<K extends keyof Asked>(
    name: K,
    ...[kind, ...given]: [kind: 'isolated' | 'plain', ...Parameters<Asked[K]>]
  ): Promise<Awaited<ReturnType<Asked[K]>>> {
    const page = await this.#browser.newPage();
    try {
      await page.goto(this.#served[kind].address);
      await page.waitForFunction('globalThis.asked !== undefined');
      return (await page.evaluate(call, { name, given: given as unknown[] })) as Awaited<ReturnType<Asked[K]>>;
    } finally {
      await page.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    for (const served of Object.values(this.#served)) await served[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
  }
}

/** In the page. */
function call({ name, given }: { readonly name: string; readonly given: readonly unknown[] }): unknown {
  const { asked } = globalThis as unknown as {
    asked: Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  };
  return asked[name]!(...given);
}
