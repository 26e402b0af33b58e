// node bench/serve.js [OUT]: `legenda serve` under load, on loopback with autocannon beside it on the same cores: requests a
// second with and without batches, what happens at twice its capacity, and the memory. Prints Markdown, and writes it to OUT.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import sharp from 'sharp';
import { loadBefore, machine, today } from './machine.js';
import { makeTiles, trainCaptioner } from './tiles.js';
import { writeFormatted } from './write.js';

const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = Number(process.env.SECONDS_A_ROUND ?? 5);
const many = Number(process.env.REQUESTS ?? 100_000);
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

async function serve(run, ...options) {
  const child = spawn(process.execPath, [main, 'serve', run, '--port', '0', '--json', ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { url } = JSON.parse(line);
  const stop = async () => {
    child.kill('SIGINT');
    await once(child, 'exit');
  };
  return { url, stop };
}

/** Requests of one kind, one after another on each connection. */
const load = (url, path, bodies, more) =>
  autocannon({
    url: url + path,
    method: 'POST',
    requests: bodies.map((body) => ({ method: 'POST', path, body, headers: { 'content-type': 'image/jpeg' } })),
    ...more,
  });

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const summary = (results) => ({
  rate: median(results.map(({ requests, duration, non2xx }) => (requests.total - non2xx) / duration)),
  p50: median(results.map(({ latency }) => latency.p50)),
  p99: median(results.map(({ latency }) => latency.p99)),
});

async function metric(url, name) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)[1]);
}

/** With and without batches, in turns. */
async function batches(run, path, bodies, connections) {
  const contestants = [1, 16].map((batch) => ({ batch, results: [] }));
  for (const contestant of contestants)
    contestant.service = await serve(run, '--batch', String(contestant.batch), '--in-hand', '256');
  try {
    for (let round = 0; round <= rounds; round++)
      for (const { service, results } of contestants) {
        const duration = round === 0 ? 1 : seconds;
        const result = await load(service.url, path, bodies, { connections, duration });
        if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} requests failed`);
        if (round > 0) results.push(result);
      }
  } finally {
    for (const { service } of contestants) await service.stop();
  }
  return contestants.map(({ batch, results }) => ({ batch, ...summary(results) }));
}

/** Twice as many connections as requests are let in. */
async function overload(run, path, bodies) {
  const service = await serve(run, '--in-hand', '32');
  try {
    const times = { 200: [], 503: [] };
    const result = await load(service.url, path, bodies, {
      connections: 64,
      duration: seconds,
      setupClient: (client) => client.on('response', (status, _, time) => times[status]?.push(time)),
    });
    const at = (values, share) =>
      values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;
    const left = await metric(service.url, 'legenda_requests_in_hand');
    return { result, times, at, left };
  } finally {
    await service.stop();
  }
}

/** Resident memory while many requests are answered. */
async function memory(run, path, bodies) {
  const service = await serve(run);
  const sizes = [];
  try {
    for (let part = 0; part < 10; part++) {
      const { non2xx, errors } = await load(service.url, path, bodies, { connections: 16, amount: many / 10 });
      if (non2xx + errors > 0) throw new Error(`${non2xx + errors} requests failed`);
      const [resident, heap] = ['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'];
      sizes.push([await metric(service.url, resident), await metric(service.url, heap)]);
    }
  } finally {
    await service.stop();
  }
  return sizes;
}

const before = loadBefore();
const folder = mkdtempSync(join(tmpdir(), 'legenda-bench-'));
const lines = [];
try {
  const captioner = trainCaptioner(folder);
  const garments = join(folder, 'garments');
  const quick = ['--sample', '--set', 'epochs=1', '--out', garments];
  execFileSync(process.execPath, [main, 'train', 'fashion-cnn', ...quick], { stdio: 'ignore' });
  const tiles = (await makeTiles(folder, 100)).map((path) => readFileSync(path));
  const small = await Promise.all(tiles.map((tile) => sharp(tile).resize(28, 28).jpeg().toBuffer()));
  const contests = [
    ['`captioner-attention`, JPEG tiles of 256×256, greedy', captioner, '/v1/caption', tiles],
    ['`fashion-cnn`, JPEG images of 28×28', garments, '/v1/classify', small],
  ];
  lines.push(
    '# The service under load',
    '',
    `Written by \`node bench/serve.js bench/SERVE.md\` on ${today()}: ${machine()}; load before: ${before}.`,
    'autocannon asks from the same machine, so it takes its share of the same cores. Requests a second and times are medians of',
    `${rounds} rounds of ${seconds} s, in which the service without batches (\`--batch 1\`) and with them (\`--batch 16\`) take turns.`,
  );
  for (const [title, run, path, bodies] of contests) {
    lines.push('', `## ${title}`, '');
    lines.push('| connections | batches | requests a second | p50, ms | p99, ms | with over without |');
    lines.push('|---|---|---|---|---|---|');
    for (const connections of [1, 8, 32]) {
      const [without, withBatches] = await batches(run, path, bodies, connections);
      for (const { batch, rate, p50, p99 } of [without, withBatches]) {
        const ratio = batch === 1 ? '' : (rate / without.rate).toFixed(2);
        lines.push(
          `| ${connections} | ${batch === 1 ? 'no' : `of up to ${batch}`} | ${rate.toFixed(0)} | ${p50} | ${p99} | ${ratio} |`,
        );
      }
      console.error(lines.at(-2), lines.at(-1));
    }
  }
  const { result, times, at, left } = await overload(captioner, '/v1/caption', tiles);
  const cells = (status) =>
    `${times[status].length}, ${at(times[status], 0.5).toFixed(1)} ms (p50) and ${at(times[status], 0.99).toFixed(1)} ms (p99)`;
  lines.push('', '## Twice its capacity', '');
  lines.push(
    `64 connections that ask again as soon as they are answered, 32 requests let in at once (\`--in-hand 32\`), ${seconds} s,`,
  );
  lines.push(
    `\`${basename(captioner)}\` of the first table: answered ${cells(200)}; refused with 503 ${cells(503)}; other answers and errors`,
  );
  lines.push(
    `${result.requests.total - times[200].length - times[503].length} and ${result.errors}; in hand afterwards ${left}.`,
  );
  const sizes = await memory(garments, '/v1/classify', small);
  const megabytes = (which) => sizes.map((size) => (size[which] / 1e6).toFixed(0)).join(', ');
  lines.push('', '## Memory', '');
  lines.push(
    `After every ${many / 10} of ${many} requests to \`fashion-cnn\` (16 connections), in MB: resident memory of the process`,
  );
  lines.push(`${megabytes(0)}; of it JavaScript’s heap in use ${megabytes(1)}.`);
} finally {
  rmSync(folder, { recursive: true });
}
const text = `${lines.join('\n')}\n`;
console.log(text);
if (process.argv[2]) writeFormatted(basename(process.argv[2]), text);
