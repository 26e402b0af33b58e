// One training step against other libraries, and captions from files to sentences: bench/RESULTS.md.
import { countOperations } from '../dist/bench/operation-counts.js';
import { drawStep, recipeNamed } from '../dist/node.js';
import {
  asDebianHasIt,
  bestOf,
  captioner,
  captionerSettings,
  ceilings,
  cores,
  fashionCnn,
  kernelsOfBlas,
  productsAlone,
  rounds,
  threadCounts,
} from './contest.js';
import { timeEpoch } from './epoch.js';
import { commit, loadBefore, machine, today } from './machine.js';
import { looks, watchMemory } from './memory.js';
import { captionTiles } from './tiles.js';

/** @returns the page, which is printed as it comes to be */
export async function measureResults() {
  const lines = [];
  const say = (line = '') => {
    lines.push(line);
    console.log(line);
  };
  const before = loadBefore();
  say('# Benchmarks');
  say();
  say(`Written by \`npm run bench\` on ${today()}: ${machine()}, commit ${commit()}.`);
  say(
    `Load before it began: ${before}. Contestants run in processes of their own, one at a time, in ${rounds} interleaved rounds; a`,
  );
  say(
    'time is the median of the rounds’ medians, with the least and the largest of these behind it. Operations are those of',
  );
  say(
    'convolutions and matrix products in Legenda’s own graph. Legenda takes as many small steps in one run as a training does, and has the losses after them; the others take one after the other. How a step’s time grows with sizes is in [GROWTH.md](GROWTH.md).',
  );
  say();
  const rates = (await ceilings()).map(({ median }) => (2 * 1024 ** 3) / median / 1e6);
  const onThreads = (rate, i) =>
    `${rate.toFixed(0)} GFLOP/s on ${threadCounts[i]} thread${threadCounts[i] > 1 ? 's' : ''}`;
  say(`Ceiling: a product of two 1024×1024 matrices runs at ${rates.map(onThreads).join(' and ')}.`);
  const ceiling = Math.max(...rates);
  const kernels = kernelsOfBlas();
  if (kernels?.best) say(`PyTorch’s OpenBLAS multiplies them with its kernels ${describeKernels(kernels)}.`);

  for (const batch of (process.env.BATCHES ?? '8,64').split(',').filter(Boolean).map(Number)) {
    const results = await fashionCnn(batch, { withTfjs: true });
    const gflop = gflopOf('fashion-cnn', { batch });
    sayContest(say, `One training step of \`fashion-cnn\`, batch ${batch}`, { results, gflop, ceiling });
  }
  sayContest(
    say,
    'One training step of `captioner-attention`: batch 32, 20 words, 49 regions, every width 512, 1000 words',
    {
      results: await captioner(),
      gflop: gflopOf('captioner-attention', { batch: 32, settings: captionerSettings }),
      ceiling,
    },
  );
  await sayEpoch(say);
  await sayMemory(say, 2000, 20_000, 1000);
  await sayTiles(say, 1000);
  return `${lines.join('\n')}\n`;
}

const describeKernels = ({ left, best }) =>
  `for ${best.kernels} at ${best.gflopPerSecond.toFixed(0)} GFLOP/s${
    best.kernels === left.kernels
      ? ', its own choice'
      : `, which it is given; left to itself it takes those for ${left.kernels} (${left.gflopPerSecond.toFixed(0)} GFLOP/s)`
  }`;

const gflopOf = (recipe, options) =>
  countOperations(drawStep(recipeNamed(recipe), options).definition.graph).flop / 1e9;

/** @param gflop of a step @param ceiling in GFLOP/s */
function sayContest(say, title, { results, gflop, ceiling }) {
  const ours = bestOf(results, 'Legenda');
  say();
  say(`## ${title}`);
  say();
  say('| contestant | version | ms a step | rounds | relative to Legenda | peak memory |');
  say('|---|---|---|---|---|---|');
  for (const { name, version, median, least, greatest, peakBytes } of results) {
    const spread = `${least.toFixed(2)} to ${greatest.toFixed(2)}`;
    const relative = (median / ours.median).toFixed(2);
    say(
      `| ${name} | ${version} | ${median.toFixed(2)} | ${spread} | ${relative} | ${(peakBytes / 1e6).toFixed(0)} MB |`,
    );
  }
  say();
  const rate = (gflop / ours.median) * 1000;
  say(
    `${gflop.toFixed(3)} GFLOP a step: ${rate.toFixed(0)} GFLOP/s, ${((100 * rate) / ceiling).toFixed(0)} % of the ceiling.`,
  );
  for (const other of ['PyTorch', asDebianHasIt, 'Newer PyTorch', 'JAX', 'TensorFlow.js']) {
    const theirs = bestOf(results, other);
    if (theirs)
      say(
        `Legenda’s best time is ${(ours.median / theirs.median).toFixed(theirs.median > 20 * ours.median ? 4 : 2)} of ${theirs.name}’s.`,
      );
  }
  const least = bestOf(results, productsAlone);
  const peer = bestOf(results, 'PyTorch');
  const ofPeer = peer ? `, ${(least.median / peer.median).toFixed(2)} of ${peer.name}’s step` : '';
  say(
    `Its convolutions and products alone take ${least.median.toFixed(2)} ms${ofPeer}: no other form of the rest of the step comes below that.`,
  );
}

async function sayEpoch(say) {
  say();
  say('## An epoch of `fashion-cnn`, batch 8, with its data');
  say();
  say(
    'Steps on images that are shuffled and converted, as `legenda train` takes them, in turns with as many on batches that are ready.',
  );
  say();
  say('| threads | steps | with data | steps alone | ratio |');
  say('|---|---|---|---|---|');
  for (const threads of threadCounts) {
    const { steps, withData, alone } = await timeEpoch(threads);
    say(
      `| ${threads} | ${steps} | ${withData.toFixed(1)} s | ${alone.toFixed(1)} s | ${(withData / alone).toFixed(2)} |`,
    );
  }
}

/** @param early steps after which memory is looked at first @param late and last @param apart steps between */
async function sayMemory(say, early, late, apart) {
  say();
  say('## Resident memory of a long training');
  say();
  say(`Looked at every ${apart} steps, what is no longer used collected; medians of ${looks} looks.`);
  say();
  say(`| training | from step ${early} | to step ${late} | growth |`);
  say('|---|---|---|---|');
  for (const { name, before, after } of await watchMemory(early, late, apart)) {
    const [first, last] = [before, after].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`);
    say(`| ${name} | ${first} | ${last} | ${((100 * (after - before)) / before).toFixed(1)} % |`);
  }
}

/** @param count of tiles */
async function sayTiles(say, count) {
  const { rate, phases, seconds, words, memory, alone } = await captionTiles(count, cores, 3);
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
  const each = (phase) => `${alone[phase].toFixed(2)} ms`;
  say(
    `With the machine to itself reading takes ${each('reading')} an image, the encoder ${each('encoding')}, the words ${each('decoding')}.`,
  );
  say(
    `Resident memory after each ${count / memory.length} of them: ${memory.map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`).join(', ')}.`,
  );
}
