// npm run bench: one training step against other libraries, interleaved; writes bench/RESULTS.md.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { summarise } from '../dist/index.js';
import { recipeNamed } from '../dist/node.js';
import { Contestant } from './child.js';
import { captionTiles } from './tiles.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const cores = availableParallelism();
const threadCounts = [...new Set([1, cores])];
const rounds = Number(process.env.ROUNDS ?? 11);

// Some environments pin OpenBLAS to an older kernel, which would be unfair to PyTorch.
const fairBlas = { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined };
const python = ['/usr/bin/python3', 'python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import torch'], { env: { ...process.env } }).status === 0,
);

function tfjsInstalled() {
  if (existsSync(path('peers/node_modules/@tensorflow/tfjs'))) return true;
  console.error('installing TensorFlow.js …');
  return (
    spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: path('peers'), stdio: 'inherit' })
      .status === 0
  );
}

const node = process.execPath;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Rounds of steps, contestant after contestant; the median of all of a contestant's steps. */
async function compete(contestants, stepsOf) {
  for (const contestant of contestants) await contestant.ready();
  for (const contestant of contestants) await contestant.run(Math.ceil(stepsOf(contestant) / 4));
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) {
      const { times, peakBytes } = await contestant.run(stepsOf(contestant));
      contestant.rounds.push(median(times));
      contestant.peakBytes = peakBytes;
    }
  }
  for (const contestant of contestants) contestant.stop();
  return contestants.map(({ name, version, rounds: own, peakBytes }) => ({
    name,
    version,
    median: median(own),
    spread: [Math.min(...own), Math.max(...own)],
    peakBytes,
  }));
}

const counted = (threads) => `${threads} thread${threads > 1 ? 's' : ''}`;

/** Both libraries with every count of threads. @param arguments_ of a contestant, before the threads */
function contestantsOf(script, peer, ...given) {
  const ours = threadCounts.map(
    (threads) => new Contestant(`Legenda, ${counted(threads)}`, [node, path(script), ...given, String(threads)]),
  );
  if (python === undefined) {
    console.error('PyTorch is not here: left out');
    return ours;
  }
  const [peerScript, ...peerGiven] = peer;
  const theirs = threadCounts.map(
    (threads) =>
      new Contestant(
        `PyTorch, ${counted(threads)}`,
        [python, path(peerScript), ...peerGiven, String(threads)],
        fairBlas,
      ),
  );
  return [...ours, ...theirs];
}

async function fashionCnn(batch) {
  const contestants = contestantsOf(
    'contestants/legenda.js',
    ['contestants/fashion_cnn_torch.py', String(batch)],
    ...['fashion-cnn', String(batch)],
  );
  if (tfjsInstalled())
    contestants.push(new Contestant('TensorFlow.js', [node, path('contestants/fashion-cnn-tfjs.js'), String(batch)]));
  else console.error('TensorFlow.js could not be installed: left out');
  const steps = batch > 16 ? 40 : 200;
  return compete(contestants, ({ name }) => (name === 'TensorFlow.js' ? 1 : steps));
}

const captioner = () =>
  compete(contestantsOf('contestants/captioner-attention.js', ['contestants/captioner_attention_torch.py']), () => 3);

const quietBefore = loadavg()[0];
if (quietBefore > 0.5) console.error(`the machine is not quiet (load ${quietBefore.toFixed(2)}): expect noise`);
const recipe = recipeNamed('fashion-cnn');
const { multiplyAdds } = summarise(recipe.model(recipe.schema.parse({})), recipe);
const lines = [];
const say = (line = '') => {
  lines.push(line);
  console.log(line);
};

say('# Benchmarks');
say();
say(
  `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0].model}, ${cores} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, commit ${commit()}.`,
);
say(
  `Load before it began: ${quietBefore.toFixed(2)}. Contestants run in processes of their own, one at a time, in ${rounds} interleaved rounds; a`,
);
say('time is the median of the rounds’ medians, with the least and the largest of these behind it.');
say();
const ceilings = await compete(
  threadCounts.map(
    (threads) => new Contestant(String(threads), [node, path('contestants/matmul.js'), String(threads)]),
  ),
  () => 15,
);
const rates = ceilings.map(({ median: ms }) => (2 * 1024 ** 3) / ms / 1e6);
say(
  `Ceiling: a product of two 1024×1024 matrices runs at ${rates.map((rate, i) => `${rate.toFixed(0)} GFLOP/s on ${threadCounts[i]} thread${threadCounts[i] > 1 ? 's' : ''}`).join(' and ')}.`,
);
/** @param gflop of a step */
function sayResults(title, results, gflop) {
  const best = (prefix) => results.filter(({ name }) => name.startsWith(prefix)).sort((a, b) => a.median - b.median)[0];
  const ours = best('Legenda');
  say();
  say(`## ${title}`);
  say();
  say('| contestant | version | ms a step | rounds | relative to Legenda | peak memory |');
  say('|---|---|---|---|---|---|');
  for (const { name, version, median: ms, spread, peakBytes } of results) {
    say(
      `| ${name} | ${version} | ${ms.toFixed(2)} | ${spread.map((s) => s.toFixed(2)).join(' to ')} | ${(ms / ours.median).toFixed(2)} | ${(peakBytes / 1e6).toFixed(0)} MB |`,
    );
  }
  say();
  say(
    `${gflop.toFixed(3)} GFLOP a step: ${((gflop / ours.median) * 1000).toFixed(0)} GFLOP/s, ${((100 * gflop * 1000) / ours.median / Math.max(...rates)).toFixed(0)} % of the ceiling.`,
  );
  for (const other of ['PyTorch', 'TensorFlow.js']) {
    const theirs = best(other);
    if (theirs)
      say(
        `Legenda’s best time is ${(ours.median / theirs.median).toFixed(theirs.median > 20 * ours.median ? 4 : 2)} of ${theirs.name}’s.`,
      );
  }
}

for (const batch of (process.env.BATCHES ?? '8,64').split(',').filter(Boolean).map(Number)) {
  // forward once, and twice as much for the gradients of inputs and weights
  const gflop = (3 * 2 * multiplyAdds * batch) / 1e9;
  sayResults(`One training step of \`fashion-cnn\`, batch ${batch}`, await fashionCnn(batch), gflop);
}
// by step and row: word, hidden state and context into the gates, hidden state into the query, scores of the words
const [captionRows, regionRows, width] = [32 * 20, 32 * 49, 512];
const ofSteps = captionRows * width * (3 * 4 * width + width + 1000);
// by region: its projection once, whose input has no gradient; its score and its share in the context at every step
const ofRegions = regionRows * width * width;
const ofLooks = 2 * 20 * regionRows * width;
const captionerGflop = (2 * (3 * (ofSteps + ofLooks) + 2 * ofRegions)) / 1e9;
sayResults(
  'One training step of `captioner-attention`: batch 32, 20 words, 49 regions, every width 512, 1000 words',
  await captioner(),
  captionerGflop,
);
await sayTiles(1000);
if (!process.argv.includes('--dry-run')) {
  writeFileSync(path('RESULTS.md'), `${lines.join('\n')}\n`);
  const biome = path('../node_modules/@biomejs/biome/bin/biome');
  execFileSync(node, [biome, 'format', '--write', path('RESULTS.md')], { stdio: 'ignore' });
}

/** @param count of tiles */
async function sayTiles(count) {
  const { rate, phases, seconds, words, memory } = await captionTiles(count, cores, 3);
  const share = (phase) => `${((100 * phases[phase]) / seconds).toFixed(0)} %`;
  say();
  say(`## Captions of ${count} JPEG tiles of 256×256, from files to sentences, greedy`);
  say();
  say(
    `The small encoder and \`captioner-attention\` (hidden 192), ${cores} threads: **${rate.toFixed(0)} images a second** (median of three rounds), ${words.toFixed(1)} words each.`,
  );
  say(
    `Of the time ${share('reading')} is waiting for files to be read and decoded (which goes on beside the rest), ${share('encoding')} the encoder, ${share('decoding')} the words.`,
  );
  say(
    `Resident memory after each ${count / memory.length} of them: ${memory.map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`).join(', ')}.`,
  );
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: path('.'), encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
