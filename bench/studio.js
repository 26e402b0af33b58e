// node bench/studio.js RUNS: milliseconds until the studio's pages of the runs below a folder are seen in Chromium on loopback, each
// in a window of its own with nothing kept: the first paint, and what the page is about. And how large the page's own code is.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { loadBefore, machine, today } from './machine.js';
import { openStudio } from './open-studio.js';

const [runs = 'runs'] = process.argv.slice(2);
const rounds = Number(process.env.ROUNDS ?? 5);
const load = loadBefore();
const { url, browser, close } = await openStudio(runs);
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
await close();

const assets = new URL('../dist/studio/assets/', import.meta.url);
const code = readdirSync(assets)
  .filter((name) => /\.(js|css)$/.test(name) && !name.startsWith('ort'))
  .map((name) => readFileSync(fileURLToPath(new URL(name, assets))));
const kilobytes = (compress) => Math.round(code.reduce((sum, file) => sum + compress(file).length, 0) / 1000);
console.log(
  `code without ONNX Runtime: ${kilobytes(brotliCompressSync)} KB by brotli, ${kilobytes(gzipSync)} KB by gzip`,
);
