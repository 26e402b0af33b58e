import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** The system's Chromium; `undefined` where there is none on the path, for tests that are then skipped. */
export const chromiumPath: string | undefined = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find(canRun);

/** What a skipped test adds to its name. */
export const withoutChromium = chromiumPath === undefined ? ' (skipped: no chromium on the path)' : '';

/** Without its sandbox, which needs rights that containers do not give; only for pages written here. */
export const launchChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox'] });

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
