// node bench/first-view.js RUNS: milliseconds until the studio's pages of the runs below a folder are seen in Chromium on
// loopback, each in a window of its own with nothing kept: the first paint, and the heading with what the page is about.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { loadBefore, machine, today } from './machine.js';

const [runs = 'runs'] = process.argv.slice(2);
const rounds = Number(process.env.ROUNDS ?? 5);
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const load = loadBefore();
const studio = spawn(process.execPath, [main, 'studio', runs, '--port', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
const [line] = await once(createInterface({ input: studio.stdout }), 'line');
const { url } = JSON.parse(line);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const median = (values) => Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]);

console.log(`${today()}: ${machine()}; load before: ${load}`);
for (const address of ['runs', 'designer', 'captions', 'classifier', 'attention']) {
  const [paints, views] = [[], []];
  for (let i = 0; i < rounds; i++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${url}/#${address}`);
    await (address === 'runs' ? page.getByRole('row').nth(1) : page.getByRole('heading', { level: 1 })).waitFor();
    const [paint, view] = await page.evaluate(() => [
      performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
      performance.now(),
    ]);
    if (paint !== undefined) paints.push(paint);
    views.push(view);
    await context.close();
  }
  console.log(`${address}: first paint ${median(paints)} ms, content ${median(views)} ms`);
}
await browser.close();
studio.kill('SIGINT');
