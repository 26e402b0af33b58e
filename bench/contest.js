// Contestants in processes of their own, and rounds of steps in which they take turns.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { timesOf } from '../dist/bench/rounds.js';
import { Contestant } from './child.js';
import { chooseKernels } from './openblas.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const node = process.execPath;

export const cores = availableParallelism();
export const threadCounts = [...new Set([1, cores])];
export const rounds = Number(process.env.ROUNDS ?? 11);

const python = ['/usr/bin/python3', 'python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import torch'], { env: { ...process.env } }).status === 0,
);

let chosen;
/** What OpenBLAS does if left to itself, and its quickest; undefined where PyTorch is not here. */
export const kernelsOfBlas = () => {
  if (python !== undefined) chosen ??= chooseKernels(python);
  return chosen;
};

function tfjsInstalled() {
  if (existsSync(path('peers/node_modules/@tensorflow/tfjs'))) return true;
  console.error('installing TensorFlow.js …');
  return (
    spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: path('peers'), stdio: 'inherit' })
      .status === 0
  );
}

/** Rounds of steps, contestant after contestant; the median of the rounds' medians of each, and their spread. */
async function compete(contestants, stepsOf) {
  try {
    for (const contestant of contestants) await contestant.ready();
    for (const contestant of contestants) await contestant.run(Math.ceil(stepsOf(contestant) / 4));
    for (let round = 0; round < rounds; round++) {
      for (const contestant of contestants) {
        const { times, peakBytes } = await contestant.run(stepsOf(contestant));
        contestant.rounds.push(timesOf(times).median);
        contestant.peakBytes = peakBytes;
      }
    }
  } finally {
    for (const contestant of contestants) contestant.stop();
  }
  return contestants.map(({ name, version, rounds: own, peakBytes }) => ({
    name,
    version,
    ...timesOf(own),
    peakBytes,
  }));
}

/** Python with a newer PyTorch, and JAX, where the environment names one. */
const newer = process.env.PEERS_PYTHON;
const has = (module) => newer !== undefined && spawnSync(newer, ['-c', `import ${module}`]).status === 0;

export const counted = (threads) => `${threads} thread${threads > 1 ? 's' : ''}`;

export const productsAlone = 'Products alone';

/** Debian's PyTorch, whose OpenBLAS chooses its own kernels; "PyTorch" is given the quickest, where others are quicker. */
export const asDebianHasIt = 'PyTorch as Debian has it';

/** PyTorch counts threads of its loops, OpenBLAS those of its products: a step may be quickest with any of both. */
const torchThreads = threadCounts.flatMap((threads) =>
  threadCounts.map((products) => ({
    threads,
    products,
    label: products === threads ? counted(threads) : `${counted(threads)} (products ${products})`,
  })),
);

/**
 * Both libraries with every count of threads, and the products of Legenda's step without the rest of it.
 * @param peer PyTorch's script and its arguments before the threads
 */
function contestantsOf(recipe, batch, settings, peer) {
  const given = [recipe, String(batch), JSON.stringify(settings)];
  const own = (name, script) =>
    threadCounts.map(
      (threads) =>
        new Contestant(`${name}, ${counted(threads)}`, [
          node,
          path(`contestants/${script}`),
          ...given,
          String(threads),
        ]),
    );
  const ours = [...own('Legenda', 'legenda.js'), ...own(productsAlone, 'products.js')];
  if (python === undefined) {
    console.error('PyTorch is not here: left out');
    return ours;
  }
  const [peerScript, ...peerGiven] = peer;
  const { env, left, best, unpinned } = kernelsOfBlas();
  const torch = (name, kernels) =>
    torchThreads.map(({ threads, products, label }) => {
      const command = [python, path(peerScript), ...peerGiven, String(threads)];
      return new Contestant(`${name}, ${label}`, command, { ...kernels, OPENBLAS_NUM_THREADS: String(products) });
    });
  const theirs = torch('PyTorch', env);
  if (best?.kernels !== left?.kernels) theirs.push(...torch(asDebianHasIt, unpinned));
  if (!has('torch')) return [...ours, ...theirs];
  const command = [newer, path(peerScript), ...peerGiven];
  const latest = threadCounts.map(
    (threads) => new Contestant(`Newer PyTorch, ${counted(threads)}`, [...command, String(threads)]),
  );
  return [...ours, ...theirs, ...latest];
}

/** A step of `fashion-cnn`. @param withTfjs whether TensorFlow.js, which takes minutes, is a contestant */
export async function fashionCnn(batch, { withTfjs }) {
  const peer = ['contestants/fashion_cnn_torch.py', String(batch)];
  const contestants = contestantsOf('fashion-cnn', batch, {}, peer);
  if (has('jax')) {
    for (const threads of threadCounts) {
      const command = [newer, path('contestants/fashion_cnn_jax.py'), String(batch), String(threads)];
      contestants.push(new Contestant(`JAX, ${counted(threads)}`, command));
    }
  }
  if (withTfjs && tfjsInstalled())
    contestants.push(new Contestant('TensorFlow.js', [node, path('contestants/fashion-cnn-tfjs.js'), String(batch)]));
  else if (withTfjs) console.error('TensorFlow.js could not be installed: left out');
  const steps = batch > 16 ? 40 : 200;
  return compete(contestants, ({ name }) => (name === 'TensorFlow.js' ? 1 : steps));
}

/** Networks that are fine-tuned; `--fine-tune` measures them. */
export const fineTunedNetworks = ['MobileNetV2', 'ResNet-18', 'SqueezeNet 1.1'];

/** A step that trains all of a network, with 8 images of 224×224, on all cores; Legenda with blocks of channels and without. */
export function fineTuning(network) {
  const given = [network, '8', '224', String(cores)];
  const torch = ['contestants/fine_tune_torch.py', ...given];
  const own = [node, path('contestants/fine-tune-legenda.js'), ...given];
  const contestants = [
    new Contestant('Legenda', own),
    new Contestant('Legenda, without blocks of channels', [...own, 'plain']),
  ];
  const withScript = (program) => [program, path(torch[0]), ...torch.slice(1)];
  if (python !== undefined) contestants.push(new Contestant('PyTorch', withScript(python), kernelsOfBlas().env));
  if (has('torch')) contestants.push(new Contestant('Newer PyTorch', withScript(newer)));
  return compete(contestants, () => 3);
}

/** PyTorch's script does not clip gradients. */
export const captionerSettings = { clipNorm: null };

/** A step of `captioner-attention`: 32 captions of 20 words, 49 regions, every width 512, 1000 words. */
export const captioner = () =>
  compete(
    contestantsOf('captioner-attention', 32, captionerSettings, ['contestants/captioner_attention_torch.py']),
    () => 3,
  );

/** Products of two 1024×1024 matrices, by thread count. */
export const ceilings = () =>
  compete(
    threadCounts.map(
      (threads) => new Contestant(counted(threads), [node, path('contestants/matmul.js'), String(threads)]),
    ),
    () => 15,
  );

/** The quicker of a library's thread counts; undefined where it did not compete. */
export const bestOf = (results, library) =>
  results
    .filter(({ name }) => name === library || name.startsWith(`${library}, `))
    .sort((a, b) => a.median - b.median)[0];
