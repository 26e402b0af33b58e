// How a training step's time grows with batch, image side, sentence length and hidden size: bench/GROWTH.md, docs/growth.svg.
import { growthExponent } from '../dist/bench/exponent.js';
import { drawStep, nodeRuntime, recipeNamed, timeSteps } from '../dist/node.js';
import { standalone } from '../dist/report/figures/draw.js';
import { growthCurves } from '../dist/report/figures/growth.js';
import { commit, load, loadBefore, machine, today } from './machine.js';
import { drawSmallCnn } from './small-cnn.js';

const attention = (options) => drawStep(recipeNamed('captioner-attention'), options);

const curves = [
  {
    name: '`fashion-cnn`',
    size: 'batch',
    sizes: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    draw: (batch) => drawStep(recipeNamed('fashion-cnn'), { batch }),
  },
  {
    name: 'Two convolutions and a linear layer, batch 8',
    label: 'small CNN',
    size: 'image side',
    sizes: [16, 24, 32, 48, 64, 96, 128, 192],
    draw: (side) => drawSmallCnn(8, side),
  },
  {
    name: '`captioner-attention`, batch 32, 49 regions, every width 512',
    size: 'words',
    sizes: [2, 4, 8, 12, 16, 24, 32, 48],
    draw: (words) => attention({ sizes: { words } }),
  },
  {
    name: '`captioner-attention`, batch 32, 49 regions, 20 words, the other widths 512',
    size: 'hidden size',
    sizes: [64, 96, 128, 192, 256, 384, 512, 768, 1024],
    draw: (hidden) => attention({ settings: { hidden } }),
  },
];

async function measure({ sizes, draw }, runtime) {
  const costs = await timeSteps(sizes.map(draw), { runtime });
  return costs.map((cost, i) => ({ size: sizes[i], ...cost }));
}

const exponentOf = (points, value) => growthExponent(points.map((own) => ({ size: own.size, value: value(own) })));
const timeOf = ({ step }) => step.median;

/** @returns the page and the figure */
export async function measureGrowth() {
  const runtime = nodeRuntime();
  const before = loadBefore();
  const measured = [];
  for (const curve of curves) {
    console.error(`${curve.name} by ${curve.size} …`);
    measured.push({ ...curve, points: await measure(curve, runtime) });
  }
  const lines = [
    '# How a step’s time grows',
    '',
    `Written by \`npm run bench -- --growth\` on ${today()}: ${machine()}, commit ${commit()}, ${runtime.threads} threads. Load before it began: ${before}, at its end: ${load()}.`,
    'Steps are on drawn data; the sizes of a table take turns in nine rounds, and a time is the median of all steps, with the least',
    'and the greatest behind it. Exponents are least squares of the logarithms over the larger half of the sizes.',
    '',
    '![Milliseconds a step by size, both axes logarithmic](../docs/growth.svg)',
    '',
    '| step | grows with | exponent of the time | of the operations |',
    '|---|---|---|---|',
    ...measured.map(
      ({ name, size, points }) =>
        `| ${name} | ${size} | ${exponentOf(points, timeOf).toFixed(2)} | ${exponentOf(points, ({ operations }) => operations.flop).toFixed(2)} |`,
    ),
    ...measured.flatMap(tableOf),
  ];
  return { page: `${lines.join('\n')}\n`, figure: figureOf(measured, runtime.threads) };
}

const tableOf = ({ name, size, points }) => [
  '',
  `## ${name}`,
  '',
  `A product of two 1024×1024 matrices, between the steps, ran at ${points[0].ceilingGflopPerSecond.toFixed(0)} GFLOP/s.`,
  '',
  `| ${size} | nodes | GFLOP | ms a step | least to greatest | GFLOP/s | compiled in |`,
  '|---|---|---|---|---|---|---|',
  ...points.map(({ size, operations: { nodes, flop }, compile, step, gflopPerSecond }) => {
    const seconds = ((compile.graph + compile.session) / 1000).toFixed(2);
    return `| ${size} | ${nodes} | ${(flop / 1e9).toFixed(3)} | ${step.median.toFixed(2)} | ${step.least.toFixed(2)} to ${step.greatest.toFixed(2)} | ${gflopPerSecond.toFixed(1)} | ${seconds} s |`;
  }),
];

function figureOf(measured, threads) {
  const series = measured.map(({ name, label, size, points }) => ({
    label: `${label ?? name.match(/`(.*)`/)[1]} by ${size}: exponent ${exponentOf(points, timeOf).toFixed(2)}`,
    points: points.map((own) => ({ size: own.size, value: timeOf(own) })),
  }));
  return standalone(
    growthCurves({
      title: 'How a step’s time grows',
      description: `Milliseconds a training step by size on ${threads} threads. ${series.map(({ label }) => label).join('; ')}.`,
      x: 'size',
      y: 'milliseconds a step',
      series,
    }),
  );
}
