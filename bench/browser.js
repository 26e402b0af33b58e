// npm run bench:browser: a training step in Chromium, ours and other libraries', and ours in Node; writes bench/BROWSER.md.
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { Contestant } from './child.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const rounds = Number(process.env.ROUNDS ?? 7);
const cores = availableParallelism();
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

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

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};
const folder = mkdtempSync(join(tmpdir(), 'legenda-bench-'));
await build({ root: path('browser'), logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
const server = createServer((request, response) => {
  const asked = normalize(new URL(request.url, 'http://localhost').pathname);
  const file = join(folder, asked === '/' ? 'index.html' : asked);
  if (!existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  });
  return createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = `http://127.0.0.1:${server.address().port}/`;
const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

const threadCounts = [...new Set([1, cores])];
const counted = (threads) => `${threads} thread${threads > 1 ? 's' : ''}`;
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

async function compete(contestants) {
  const steps = new Map();
  for (const contestant of contestants) {
    await contestant.ready();
    const { times } = await contestant.run(3);
    steps.set(contestant, Math.max(1, Math.min(200, Math.ceil(700 / median(times)))));
    await contestant.run(Math.ceil(steps.get(contestant) / 4));
  }
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) {
      contestant.rounds.push(median((await contestant.run(steps.get(contestant))).times));
    }
  }
  for (const contestant of contestants) await contestant.stop();
  return contestants.map(({ name, version, rounds: own }) => ({ name, version, ms: median(own), own }));
}

const lines = [
  '# A training step in the browser',
  '',
  `Written by \`npm run bench:browser\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0].model.trim()}, ${cores} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Chromium ${browser.version()}, Node ${process.versions.node}.`,
  `Load before it began: ${loadavg()[0].toFixed(2)}. A page or process a contestant, one running at a time, in ${rounds} interleaved rounds; a`,
  "time is the median of the rounds' medians, with the least and the largest of these behind it. The pages are isolated, so",
  'that they may have threads.',
];
for (const batch of [8, 64]) {
  console.error(`batch ${batch}`);
  const results = await compete(contestantsOf(batch));
  const best = (start) => Math.min(...results.filter(({ name }) => name.startsWith(start)).map(({ ms }) => ms));
  const own = best('Legenda in Chromium');
  lines.push(
    '',
    `## \`fashion-cnn\`, batch ${batch}`,
    '',
    '| contestant | version | ms a step | rounds |',
    '| --- | --- | --- | --- |',
    ...results.map(
      ({ name, version, ms, own: all }) =>
        `| ${name} | ${version} | ${ms.toFixed(2)} | ${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)} |`,
    ),
    '',
    `Legenda in Chromium takes ${(own / best('Legenda in Node')).toFixed(1)} times as long as in Node. jax-js takes ${(best('jax-js') / own).toFixed(0)} times as long in the same browser, TensorFlow.js ${(best('TensorFlow.js') / own).toFixed(0)} times.`,
  );
}
await browser.close();
server.close();
rmSync(folder, { recursive: true });
writeFileSync(path('BROWSER.md'), `${lines.join('\n')}\n`);
console.log(lines.join('\n'));
process.exit();
