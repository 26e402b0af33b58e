// node bench/devices.js [OUT]: a training step on every device that is there, ours and other libraries', interleaved; prints
// Markdown, and writes it to OUT.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openNodeRuntime } from '../dist/node.js';
import { Contestant } from './child.js';
import { captionerSettings } from './contest.js';

const rounds = Number(process.env.ROUNDS ?? 5);
const seconds = Number(process.env.SECONDS_A_ROUND ?? 0.5);
const python = process.env.PYTHON ?? 'python3';
const path = (name) => fileURLToPath(new URL(`contestants/${name}`, import.meta.url));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const counted = (n) => `${n} thread${n > 1 ? 's' : ''}`;
const cores = availableParallelism();
const threads = [...new Set([1, Math.min(4, cores), cores])];
const printed = (code) => {
  const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};
const hasTorch = printed('import torch') !== undefined;
const card = hasTorch ? printed('import torch; print(torch.cuda.get_device_name(0))') : undefined;
const hasJax = process.env.JAX !== 'no' && printed('import jax') !== undefined;
const hasJaxCard = hasJax && printed('import jax; assert jax.devices()[0].platform == "gpu"') !== undefined;
const hasWebGpu = await openNodeRuntime({ device: 'webgpu' }).then(
  () => true,
  (error) => console.error(error.message),
);

const legenda = (name, ...given) => new Contestant(name, [process.execPath, path('legenda.js'), ...given]);
const ours = (...given) => [
  ...threads.map((n) => legenda(`Legenda, CPU, ${counted(n)}`, ...given, n)),
  ...(hasWebGpu ? [legenda('Legenda, WebGPU', ...given, 1, 'webgpu')] : []),
];
const theirs = (name, script, isThere, cardName, ...given) =>
  isThere
    ? [
        ...threads.map((n) => new Contestant(`${name}, CPU, ${counted(n)}`, [python, path(script), ...given, n])),
        ...(cardName ? [new Contestant(`${name}, ${cardName}`, [python, path(script), ...given, 1, cardName])] : []),
      ]
    : [];
const cuda = card && 'cuda';

const fashion = (batch) => [
  `One training step of \`fashion-cnn\`, batch ${batch}`,
  () => [
    ...ours('fashion-cnn', batch, '{}'),
    ...theirs('PyTorch', 'fashion_cnn_torch.py', hasTorch, cuda, batch),
    ...theirs('JAX', 'fashion_cnn_jax.py', hasJax, hasJaxCard && 'cuda', batch),
  ],
];
const captioner = [
  'One training step of `captioner-attention`: batch 32, 20 words, 49 regions, every width 512, 1000 words',
  () => [
    ...ours('captioner-attention', 32, JSON.stringify(captionerSettings)),
    ...theirs('PyTorch', 'captioner_attention_torch.py', hasTorch, cuda),
  ],
];

/** Rounds of about so many seconds each, one contestant after the other. */
async function compete(contestants) {
  const steps = new Map();
  for (const contestant of contestants) {
    try {
      await contestant.ready();
      const { times } = await contestant.run(3);
      await contestant.run(Math.ceil((1000 * seconds) / times.at(-1)));
      steps.set(contestant, Math.min(2000, Math.max(3, Math.ceil((1000 * seconds) / times.at(-1)))));
    } catch (error) {
      console.error(error.message);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [contestant, count] of steps) contestant.rounds.push(median((await contestant.run(count)).times));
  }
  for (const contestant of contestants) contestant.stop();
  return [...steps.keys()].map(({ name, version, rounds: own }) => ({ name, version, ms: median(own), own }));
}

const write = () => process.argv[2] && writeFileSync(process.argv[2], `${lines.join('\n')}\n`);
const lines = [
  '# Training steps by device',
  '',
  `Written by \`node bench/devices.js\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0].model.trim()}, ${cores} cores, ${Math.round(totalmem() / 2 ** 30)} GiB${card ? `, ${card}` : ''}, Node ${process.versions.node}.`,
  `Contestants run in processes of their own, one at a time, in ${rounds} interleaved rounds of about ${seconds} s; a time is the median`,
  "of the rounds' medians, with the least and the largest of these behind it.",
];
for (const [title, contestants] of [fashion(8), fashion(64), fashion(512), captioner]) {
  console.error(title);
  const results = await compete(contestants());
  const best = Math.min(...results.map(({ ms }) => ms));
  lines.push(
    '',
    `## ${title}`,
    '',
    '| contestant | version | ms a step | rounds | relative to the fastest |',
    '| --- | --- | --- | --- | --- |',
  );
  for (const { name, version, ms, own } of results) {
    const spread = `${Math.min(...own).toFixed(2)} to ${Math.max(...own).toFixed(2)}`;
    lines.push(`| ${name} | ${version} | ${ms.toFixed(2)} | ${spread} | ${(ms / best).toFixed(2)} |`);
  }
  write();
}
console.log(lines.join('\n'));
