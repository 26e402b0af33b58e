import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

/** The system's browser, without its sandbox, which containers do not allow: only for pages of our own. */
export function launchChromium() {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
