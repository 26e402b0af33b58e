// npm run bench:browser: a training step in Chromium, ours and other libraries', and ours in Node; writes bench/BROWSER.md.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { Contestant } from './child.js';
import { launchChromium } from './chromium.js';
import { competeByTime } from './compete-by-time.js';
import { counted, threadCounts } from './contest.js';
import { loadBefore, machine, today } from './machine.js';
import { writeFormatted } from './write.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const rounds = Number(process.env.ROUNDS ?? 11);

for (const peer of ['@tensorflow/tfjs', '@jax-js/jax']) {
  if (existsSync(path(`peers/node_modules/${peer}`))) continue;
  console.error('installing TensorFlow.js and jax-js …');
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: path('peers'), stdio: 'inherit' });
}

/** A contestant in a page of its own. */
class Page {
  constructor(name, ...begin) {
    this.name = name;
    this.begin = begin;
    this.rounds = [];
  }

  async ready() {
    this.page = await browser.newPage();
    await this.page.goto(address);
    await this.page.waitForFunction('globalThis.begin !== undefined');
    this.version = await this.page.evaluate((begin) => globalThis.begin(...begin), this.begin);
  }

  async run(steps) {
    return { times: await this.page.evaluate((count) => globalThis.run(count), steps) };
  }

  stop() {
    return this.page.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'legenda-bench-'));
await build({ root: path('browser'), logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const server = await preview({ root: path('browser'), build: { outDir: folder }, preview: { port: 0, headers } });
const address = `http://localhost:${server.httpServer.address().port}/`;
const browser = await launchChromium();

const contestantsOf = (batch) => [
  ...threadCounts.map((threads) => new Page(`Legenda in Chromium, ${counted(threads)}`, 'legenda', batch, { threads })),
  ...threadCounts.map(
    (threads) =>
      new Contestant(`Legenda in Node, ${counted(threads)}`, [
        process.execPath,
        path('contestants/legenda.js'),
        'fashion-cnn',
        String(batch),
        '{}',
        String(threads),
      ]),
  ),
  new Page('jax-js in Chromium', 'jaxjs', batch),
  new Page('TensorFlow.js in Chromium', 'tfjs', batch),
];

const lines = [
  '# A training step in the browser',
  '',
  `Written by \`npm run bench:browser\` on ${today()}: ${machine()}, Chromium ${browser.version()}.`,
  `Load before it began: ${loadBefore()}. A page or process a contestant, one running at a time, in ${rounds} interleaved rounds; a`,
  "time is the median of the rounds' medians, with the least and the largest of these behind it. The pages are isolated, so",
  'that they may have threads. Legenda takes as many steps in one run as a training does, the others one after the other.',
];
for (const batch of [8, 64]) {
  console.error(`batch ${batch}`);
  const results = await competeByTime(contestantsOf(batch), rounds, 0.7);
  const best = (start) => Math.min(...results.filter(({ name }) => name.startsWith(start)).map(({ median }) => median));
  const own = best('Legenda in Chromium');
  lines.push(
    '',
    `## \`fashion-cnn\`, batch ${batch}`,
    '',
    '| contestant | version | ms a step | rounds |',
    '| --- | --- | --- | --- |',
    ...results.map(
      ({ name, version, median, least, greatest }) =>
        `| ${name} | ${version} | ${median.toFixed(2)} | ${least.toFixed(2)} to ${greatest.toFixed(2)} |`,
    ),
    '',
    `Legenda in Chromium takes ${(own / best('Legenda in Node')).toFixed(1)} times as long as in Node. jax-js takes ${(best('jax-js') / own).toFixed(1)} times as long in the same browser, TensorFlow.js ${(best('TensorFlow.js') / own).toFixed(0)} times.`,
  );
}
await browser.close();
await server.close();
rmSync(folder, { recursive: true });
writeFormatted('BROWSER.md', `${lines.join('\n')}\n`);
console.log(lines.join('\n'));
process.exit();
