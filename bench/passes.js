// What each graph pass gives: a step without it against the whole step, taking turns in one process, for bench/PASSES.md.
import { timesOf } from '../dist/bench/rounds.js';
import { printGraph } from '../dist/graph/print.js';
import { drawStep, nodeRuntime, recipeNamed } from '../dist/node.js';
import { leftOutOn, passNames } from '../dist/passes/optimise.js';
import { compileDrawn } from './compile-drawn.js';
import { commit, loadBefore, machine, today } from './machine.js';

const steps = [
  { name: '`fashion-cnn`, batch 8', pairs: 81, draw: (form) => drawStep(recipeNamed('fashion-cnn'), form) },
  { name: 'batch 64', pairs: 61, draw: (form) => drawStep(recipeNamed('fashion-cnn'), { batch: 64, ...form }) },
  {
    name: '`captioner-attention`',
    pairs: 25,
    draw: (form) => drawStep(recipeNamed('captioner-attention'), form),
  },
];

async function timeOf({ train }) {
  const began = performance.now();
  await train();
  return performance.now() - began;
}

/** @returns how many times as long a step takes without passes; undefined where they change nothing of it */
async function measure({ draw, pairs }, without, runtime) {
  const { threads } = runtime;
  const [whole, less] = [draw({ threads }), draw({ threads, without })];
  if (without.length > 0 && printGraph(whole.definition.graph) === printGraph(less.definition.graph)) return undefined;
  const both = [await compileDrawn(whole, runtime), await compileDrawn(less, runtime)];
  for (const step of both) for (let i = 0; i < 3; i++) await step.train();
  const ratios = [];
  for (let pair = 0; pair < pairs; pair++) {
    const [first, second] = pair % 2 ? [1, 0] : [0, 1];
    const times = [0, 0];
    times[first] = await timeOf(both[first]);
    times[second] = await timeOf(both[second]);
    ratios.push(times[1] / times[0]);
  }
  for (const step of both) await step.release();
  return timesOf(ratios).median;
}

/** @returns the page */
export async function measurePasses() {
  const runtime = nodeRuntime();
  const before = loadBefore();
  const rows = [];
  const rowOf = async (title, without, on = runtime) => {
    const cells = [];
    for (const step of steps) cells.push((await measure(step, without, on))?.toFixed(2) ?? '');
    rows.push(`| ${title} | ${cells.join(' | ')} |`);
    console.error(rows.at(-1));
  };
  await rowOf('none (how much two measurements differ)', []);
  const single = nodeRuntime({ threads: 1 });
  for (const name of passNames) {
    if (!leftOutOn('cpu', runtime.threads).includes(name)) await rowOf(`\`${name}\``, [name]);
    else if (!leftOutOn('cpu', 1).includes(name))
      await rowOf(`\`${name}\` (taken on 1 thread alone, and measured so)`, [name], single);
  }
  await rowOf('all of them', passNames);
  return `${[
    '# What the graph passes give',
    '',
    `Written by \`npm run bench -- --passes\` on ${today()}: ${machine()}, commit ${commit()}, ${runtime.threads} threads. Load before it began: ${before}.`,
    'How many times as long a training step takes where a pass is left out: steps on drawn data, with and without it, take turns',
    `in one process (${steps.map(({ pairs }) => pairs).join(', ')} times); medians of the ratios. Empty where a pass changes nothing of the step.`,
    'Passes work with each other: one that is left out may be made up for by another.',
    '',
    `| left out | ${steps.map(({ name }) => name).join(' | ')} |`,
    `| --- | ${steps.map(() => '---').join(' | ')} |`,
    ...rows,
  ].join('\n')}\n`;
}
