import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { launchChromium } from './chromium.js';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** The studio about the runs below a folder, and a browser to look at it. */
export async function openStudio(runs) {
  const studio = spawn(process.execPath, [main, 'studio', runs, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(createInterface({ input: studio.stdout }), 'line');
  const browser = await launchChromium();
  const close = async () => {
    await browser.close();
    studio.kill('SIGINT');
  };
  return { url: JSON.parse(line).url, browser, close };
}
