/** `legenda studio` as a shell runs it, seen in a real browser. */
import type { Page } from 'playwright-core';
import { type Listening, startListening } from './listening.js';

/** Starts it on a free port. */
export const startStudio = (args: readonly string[]): Promise<Listening> => startListening('studio', args);

export const pageNames = ['runs', 'designer', 'captions', 'classifier', 'attention'] as const;

/** Opens one of the studio's pages. */
export async function openPage(page: Page, url: string, name: (typeof pageNames)[number]): Promise<void> {
  await page.goto(`${url}/#${name}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** What a page complains of, from now on: errors, and what its console says. */
export function complaintsOf(page: Page): string[] {
  const heard: string[] = [];
  page.on('console', (message) => heard.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', ({ message }) => heard.push(`error: ${message}`));
  return heard;
}

/** The longest time, in milliseconds, that the page did not answer within so many. */
export const longestWait = (page: Page, milliseconds: number): Promise<number> =>
  page.evaluate(async (whole) => {
    let longest = 0;
    const end = performance.now() + whole;
    for (let before = performance.now(); before < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const now = performance.now();
      longest = Math.max(longest, now - before);
      before = now;
    }
    return longest;
  }, milliseconds);
