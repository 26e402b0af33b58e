// node bench/devices.js [OUT]: a training step on every device that is there, ours and other libraries', interleaved; prints
// Markdown, and writes it to OUT.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openNodeRuntime } from '../dist/node.js';
import { furthestLosses, steps } from './agreement.js';
import { Contestant } from './child.js';
import { competeByTime } from './compete-by-time.js';
import { captionerSettings, cores, counted } from './contest.js';
import { machine, today } from './machine.js';

const rounds = Number(process.env.ROUNDS ?? 5);
const seconds = Number(process.env.SECONDS_A_ROUND ?? 0.5);
const python = process.env.PYTHON ?? 'python3';
const path = (name) => fileURLToPath(new URL(`contestants/${name}`, import.meta.url));

const threads = [...new Set([1, Math.min(4, cores), cores])];
const printed = (code) => {
  const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};
const hasTorch = printed('import torch') !== undefined;
const card = hasTorch ? printed('import torch; print(torch.cuda.get_device_name(0))') : undefined;
const hasJax = process.env.JAX !== 'no' && printed('import jax') !== undefined;
const hasJaxCard = hasJax && printed('import jax; assert jax.devices()[0].platform == "gpu"') !== undefined;
const deviceNames = { webgpu: 'WebGPU', cuda: 'CUDA' };
/** Graphics processors that Legenda can compute on here. */
const devices = [];
for (const device of Object.keys(deviceNames)) {
  await openNodeRuntime({ device }).then(
    () => devices.push(device),
    (error) => console.error(error.message),
  );
}

const legenda = (name, ...given) => new Contestant(name, [process.execPath, path('legenda.js'), ...given]);
const ours = (...given) => [
  ...threads.map((n) => legenda(`Legenda, CPU, ${counted(n)}`, ...given, n)),
  ...devices.map((device) => legenda(`Legenda, ${deviceNames[device]}`, ...given, 1, device)),
];
const theirs = (name, script, isThere, cardName, ...given) =>
  isThere
    ? [
        ...threads.map((n) => new Contestant(`${name}, CPU, ${counted(n)}`, [python, path(script), ...given, n])),
        ...(cardName ? [new Contestant(`${name}, ${cardName}`, [python, path(script), ...given, 1, cardName])] : []),
      ]
    : [];
const cuda = card && 'cuda';

const fashion = (batch) => ({
  title: `One training step of \`fashion-cnn\`, batch ${batch}`,
  recipe: 'fashion-cnn',
  batch,
  settings: {},
  peers: () => [
    ...theirs('PyTorch', 'fashion_cnn_torch.py', hasTorch, cuda, batch),
    ...theirs('JAX', 'fashion_cnn_jax.py', hasJax, hasJaxCard && 'cuda', batch),
  ],
});
const captioner = {
  title: 'One training step of `captioner-attention`: batch 32, 20 words, 49 regions, every width 512, 1000 words',
  recipe: 'captioner-attention',
  batch: 32,
  settings: captionerSettings,
  peers: () => theirs('PyTorch', 'captioner_attention_torch.py', hasTorch, cuda),
};

const write = () => process.argv[2] && writeFileSync(process.argv[2], `${lines.join('\n')}\n`);
const lines = [
  '# Training steps by device',
  '',
  `Written by \`npm run bench:devices\` on ${today()}: ${machine()}${card ? `, ${card}` : ''}.`,
  `Contestants run in processes of their own, one at a time, in ${rounds} interleaved rounds of about ${seconds} s; a time is the median`,
  "of the rounds' medians, with the least and the largest of these behind it.",
];
for (const { title, recipe, batch, settings, peers } of [fashion(8), fashion(64), fashion(512), captioner]) {
  console.error(title);
  const furthest = await furthestLosses(devices, recipe, { batch, settings });
  const contestants = [...ours(recipe, batch, JSON.stringify(settings)), ...peers()];
  const results = await competeByTime(contestants, rounds, seconds);
  const best = Math.min(...results.map(({ median }) => median));
  lines.push(
    '',
    `## ${title}`,
    '',
    '| contestant | version | ms a step | rounds | relative to the fastest |',
    '| --- | --- | --- | --- | --- |',
  );
  for (const { name, version, median, least, greatest } of results) {
    const spread = `${least.toFixed(2)} to ${greatest.toFixed(2)}`;
    lines.push(`| ${name} | ${version} | ${median.toFixed(2)} | ${spread} | ${(median / best).toFixed(2)} |`);
  }
  if (furthest.size > 0) lines.push('');
  for (const [device, distance] of furthest)
    lines.push(
      `The losses of ${steps} steps on ${deviceNames[device]} are within ${distance.toExponential(1)} of the CPU’s.`,
    );
  write();
}
console.log(lines.join('\n'));
