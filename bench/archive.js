// node bench/archive.js [OUT]: tiles a second of `legenda describe`, without a queue and by workers; the queue's own cost, by the real
// queue and workers that do nothing; and what that makes of 100 million tiles. Prints Markdown, and writes it to OUT.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shardFile } from '../dist/archive/open-archive.js';
import { openImagePlan, writeImagePlan } from '../dist/archive/plan/image-plan.js';
import { summarise } from '../dist/archive/summary.js';
import { encodeShard } from '../dist/archive/write-shard.js';
import { RedisBoard } from '../dist/queue/redis/redis-board.js';
import { loadBefore, machine, today } from './machine.js';
import { startRedis } from './redis.js';
import { makeTiles, trainCaptioner } from './tiles.js';
import { writeFormatted } from './write.js';

const rounds = Number(process.env.ROUNDS ?? 3);
const tiles = Number(process.env.TILES ?? 3000);
/** As many as 100 million tiles in shards of 1000 have. */
const idleJobs = Number(process.env.IDLE_JOBS ?? 100_000);
const images = Number(process.env.IMAGES ?? 10_000_000);
const shardSize = 500;
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const idle = fileURLToPath(new URL('./idle-worker.js', import.meta.url));

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** The most memory of each process below one, by its role, in bytes. */
function peaks(pid, into) {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1).split(' ')[1]);
      if (parent !== pid && Number(name) !== pid) continue;
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const role = command.includes('child.js')
        ? 'process of jobs'
        : (/\b(describe|worker)\b/.exec(command)?.[1] ?? 'other');
      const peak = 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))[1]);
      into[role] = Math.max(into[role] ?? 0, peak);
    } catch {
      // it has ended
    }
  }
}

/** Describes the list once. @returns seconds from the first shard's end to the last's, with its tiles, and of the whole command */
async function describe(folder, list, run, more, memory, workers) {
  const out = join(folder, `out-${Math.random().toString(36).slice(2)}`);
  const args = ['describe', list, '--run', run, '--out', out, '--shard', String(shardSize), ...more];
  const start = performance.now();
  const child = spawn(process.execPath, [main, ...args], { stdio: 'ignore' });
  const watch = setInterval(() => {
    for (const { pid } of [child, ...workers]) peaks(pid, memory);
  }, 100);
  const [status] = await once(child, 'exit');
  clearInterval(watch);
  if (status !== 0) throw new Error(`describe ended with ${status}`);
  const seconds = (performance.now() - start) / 1000;
  const names = readdirSync(join(out, 'shards'));
  const ends = names.map((name) => statSync(join(out, 'shards', name)).mtimeMs).sort((a, b) => a - b);
  const bytes = names.reduce((sum, name) => sum + statSync(join(out, 'shards', name)).size, 0);
  const plan = statSync(join(out, 'plan', 'images.jsonl')).size;
  rmSync(out, { recursive: true });
  // the first shards of as many processes as there are end before it is counted
  const parallel = Number(/\d/.exec(more.join(' '))?.[0] ?? workers.length);
  const steady = (shardSize * (ends.length - parallel)) / ((ends.at(-1) - ends[parallel - 1]) / 1000);
  return { seconds, steady, bytes: bytes / tiles, plan: plan / tiles };
}

async function contest(folder, redis) {
  const run = trainCaptioner(folder);
  const paths = await makeTiles(folder, tiles);
  const list = join(folder, 'list.txt');
  writeFileSync(list, `${paths.map((path) => basename(path)).join('\n')}\n`);
  const contestants = [
    { title: 'without a queue, one process', more: ['--jobs', '1'], workers: 0 },
    { title: 'without a queue, two processes', more: ['--jobs', '2'], workers: 0 },
    { title: 'by a queue, one worker', more: ['--queue', redis.url], workers: 1 },
    { title: 'by a queue, two workers', more: ['--queue', redis.url], workers: 2 },
  ].map((contestant) => ({ ...contestant, results: [], memory: {} }));
  for (let round = 0; round < rounds; round++)
    for (const { title, more, workers: count, results, memory } of contestants) {
      const workers = Array.from({ length: count }, () =>
        spawn(process.execPath, [main, 'worker', '--queue', redis.url], { stdio: 'ignore' }),
      );
      const options = count === 0 ? more : more.slice(0, 2);
      results.push(await describe(folder, list, run, options, memory, workers));
      for (const worker of workers) {
        worker.kill('SIGINT');
        await once(worker, 'exit');
      }
      console.error(title, results.at(-1));
    }
  const bytesRead = paths.reduce((sum, path) => sum + statSync(path).size, 0) / tiles;
  return { contestants, bytesRead };
}

/** Jobs that are nothing through the real queue. */
async function idleQueue(redis, workers) {
  redis.ask('flushall');
  redis.ask('config', 'resetstat');
  const children = Array.from({ length: workers }, () =>
    spawn(process.execPath, [idle, redis.url, '8'], { stdio: 'ignore' }),
  );
  const board = await RedisBoard.open(redis.url);
  const job = (i) => ({
    id: `shard-0123456789ab-${String(i).padStart(6, '0')}`,
    order: { type: 'shard', archive: '/storage/archives/of-a-usual-length/out', shard: i },
    isDone: async () => true,
  });
  let next = 0;
  const give = async (until) => {
    while (next < until) await board.perform(job(next++));
  };
  const all = (until) => Promise.all(Array.from({ length: board.capacity }, () => give(until)));
  await all(2000);
  const cpu = () => redis.number('used_cpu_user') + redis.number('used_cpu_sys');
  const before = { time: performance.now(), cpu: cpu(), commands: redis.number('total_commands_processed') };
  await all(2000 + idleJobs);
  const seconds = (performance.now() - before.time) / 1000;
  const result = {
    rate: idleJobs / seconds,
    cpu: (cpu() - before.cpu) / idleJobs,
    commands: (redis.number('total_commands_processed') - before.commands) / idleJobs,
    memory: redis.number('used_memory_peak'),
  };
  for (const child of children) child.kill('SIGKILL');
  await board[Symbol.asyncDispose]();
  return result;
}

/** Lists so many images and reads shards of the list. */
async function planning(folder, count) {
  const dir = join(folder, 'plan');
  const names = async function* () {
    for (let i = 0; i < count; i++) yield `region-${Math.floor(i / 10_000)}/tile-${i}.jpg`;
  };
  const start = performance.now();
  await writeImagePlan(dir, names(), 1000);
  const rate = (1000 * count) / (performance.now() - start);
  const memory = process.memoryUsage.rss();
  const plan = await openImagePlan(dir);
  const from = performance.now();
  for (let i = 0; i < 100; i++) {
    const shard = Math.floor((count / 1000 - 1) * (i / 100));
    await plan.tiles(1000 * shard, 1000 * (shard + 1));
  }
  const shardMilliseconds = (performance.now() - from) / 100;
  rmSync(dir, { recursive: true });
  return { rate, memory, shardMilliseconds };
}

/** Rows a second that are counted at the end. */
async function counting(folder, shards) {
  const dir = join(folder, 'counted');
  mkdirSync(join(dir, 'shards'), { recursive: true });
  const rows = Array.from({ length: 1000 }, (_, i) => ({
    image: `region-12/tile-${i}.jpg`,
    caption: 'a white ship is to the left and a river runs beside the road in the lower half',
    logProbability: -15.1234,
  }));
  const bytes = encodeShard(rows, 'jsonl');
  const manifest = { tiles: 1000 * shards, shardSize: 1000, shards, output: 'jsonl' };
  for (let shard = 0; shard < shards; shard++) writeFileSync(shardFile({ dir, manifest }, shard), bytes);
  const start = performance.now();
  await summarise({ dir, manifest });
  return (1e6 * shards) / (performance.now() - start);
}

/** Bytes of Redis's memory that a job takes that waits. */
async function waitingBytes(redis) {
  redis.ask('flushall');
  const before = redis.number('used_memory');
  const board = await RedisBoard.open(redis.url);
  const signal = new AbortController();
  const ends = Array.from({ length: 1000 }, (_, i) =>
    board
      .perform(
        {
          id: `shard-0123456789ab-${String(i).padStart(6, '0')}`,
          order: { type: 'shard', archive: '/storage/archives/of-a-usual-length/out', shard: i },
          isDone: async () => true,
        },
        { signal: signal.signal },
      )
      .catch(() => {}),
  );
  while (Number(redis.ask('llen', 'bull:legenda:wait')) < 1000) await new Promise((resolve) => setTimeout(resolve, 50));
  const bytes = (redis.number('used_memory') - before) / 1000;
  signal.abort();
  await Promise.all(ends);
  await board[Symbol.asyncDispose]();
  return bytes;
}

const before = loadBefore();
const folder = mkdtempSync(join(tmpdir(), 'legenda-bench-'));
const redis = await startRedis(folder);
const lines = [];
try {
  const { contestants, bytesRead } = await contest(folder, redis);
  const planned = await planning(folder, images);
  const counted = await counting(folder, 300);
  const waiting = await waitingBytes(redis);
  const one = await idleQueue(redis, 1);
  const two = await idleQueue(redis, 2);
  const version = execFileSync('redis-server', ['--version'], { encoding: 'utf8' }).match(/v=(\S+)/)[1];
  const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
  lines.push(
    '# Archives of tiles: what they cost',
    '',
    `Written by \`node bench/archive.js bench/ARCHIVE.md\` on ${today()}: ${machine()}, Redis ${version}; load before: ${before}.`,
    `\`captioner-attention\` (small, as in SERVE.md), greedy, one thread of ONNX Runtime a process; JPEG tiles of 256×256, ${tiles} of them in`,
    `shards of ${shardSize}; ${rounds} rounds in which the contestants take turns, medians. Redis, workers and the command share the machine.`,
    '',
    '## Tiles a second',
    '',
    '| | tiles a second, while all work | of the whole command | most memory, MB |',
    '|---|---|---|---|',
  );
  for (const { title, results, memory } of contestants) {
    const steady = median(results.map((result) => result.steady));
    const whole = tiles / median(results.map(({ seconds }) => seconds));
    const most = Object.entries(memory).map(([role, bytes]) => `${role} ${megabytes(bytes)}`);
    lines.push(`| ${title} | ${steady.toFixed(0)} | ${whole.toFixed(0)} | ${most.join(', ')} |`);
  }
  lines.push(
    '',
    '## The queue alone',
    '',
    `${idleJobs} jobs that do nothing, through the same board, queue and workers; as many as ${1000} of them in the queue at once.`,
    '',
    '| | jobs a second | CPU of Redis a job, µs | commands a job |',
    '|---|---|---|---|',
  );
  for (const [title, { rate, cpu, commands }] of [
    ['one worker of 8 jobs at once', one],
    ['two workers of 8', two],
  ])
    lines.push(`| ${title} | ${rate.toFixed(0)} | ${(1e6 * cpu).toFixed(0)} | ${commands.toFixed(1)} |`);
  lines.push(
    '',
    `A job that waits takes ${waiting.toFixed(0)} bytes of Redis's memory; its most was ${megabytes(two.memory)} MB.`,
  );
  lines.push(
    '',
    '## Around it',
    '',
    `Listing ${(images / 1e6).toFixed(0)} million images: ${(planned.rate / 1e6).toFixed(2)} million a second, with ${megabytes(planned.memory)} MB of memory; reading a shard of the`,
    `list: ${planned.shardMilliseconds.toFixed(1)} ms. Counting what is described, at the end: ${(counted / 1e6).toFixed(2)} million rows a second.`,
  );
  lines.push('', '## 100 million tiles', '', ...planOf(contestants, bytesRead, two, waiting, { planned, counted }));
} finally {
  await redis.stop();
  rmSync(folder, { recursive: true });
}

/** What follows from the numbers, by arithmetic alone. */
function planOf(contestants, bytesRead, queue, waiting, { planned, counted }) {
  const all = 1e8;
  const [alone] = contestants;
  const rate = median(alone.results.map(({ steady }) => steady));
  const { bytes, plan } = alone.results[0];
  const hours = all / rate / 3600;
  const jobs = all / 1000;
  const redisRate = 1 / queue.cpu;
  const row = (...cells) => `| ${cells.join(' | ')} |`;
  return [
    'In shards of 1000 tiles, by processes as fast as the one above:',
    '',
    row('what', 'how much', 'from'),
    '|---|---|---|',
    row(
      'computing',
      `${hours.toFixed(0)} hours of one core: ${(hours / 64).toFixed(1)} hours on 64 cores`,
      `${rate.toFixed(0)} tiles a second a core`,
    ),
    row(
      'reading',
      `${((all * bytesRead) / 1e12).toFixed(2)} TB: ${((64 * rate * bytesRead) / 1e6).toFixed(0)} MB a second for 64 cores`,
      `${(bytesRead / 1e3).toFixed(1)} kB a tile`,
    ),
    row(
      'writing',
      `${((all * bytes) / 1e9).toFixed(1)} GB of JSON Lines, ${((all * plan) / 1e9).toFixed(1)} GB of plan`,
      `${bytes.toFixed(0)} and ${plan.toFixed(0)} bytes a tile`,
    ),
    row(
      'listing, counting',
      `${(all / planned.rate / 60).toFixed(0)} and ${(all / counted / 60).toFixed(0)} minutes of one core`,
      `${(planned.rate / 1e6).toFixed(2)} and ${(counted / 1e6).toFixed(2)} million a second`,
    ),
    row(
      'jobs',
      `${jobs.toFixed(0)}: ${(jobs * queue.cpu).toFixed(0)} s of Redis's CPU in all`,
      `${(1e6 * queue.cpu).toFixed(0)} µs a job, ${(1e3 * queue.cpu).toFixed(2)} µs a tile`,
    ),
    row(
      "Redis's memory",
      `${((1000 * waiting) / 1e6).toFixed(1)} MB of jobs at once, however many are to come`,
      `${waiting.toFixed(0)} bytes a job, 1000 at once`,
    ),
    row(
      'where Redis would be the limit',
      `${((redisRate * 1000) / rate).toFixed(0)} cores`,
      `${redisRate.toFixed(0)} jobs a second on one core of Redis`,
    ),
  ];
}

const text = `${lines.join('\n')}\n`;
console.log(text);
if (process.argv[2]) writeFormatted(basename(process.argv[2]), text);
