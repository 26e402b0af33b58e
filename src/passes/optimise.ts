import type { Graph } from '../graph/graph.js';
import { verifyGraph } from '../graph/verify.js';
import { batchMaskedSums } from './batch-masked-sums.js';
import { batchWeightGradients } from './batch-weight-gradients.js';
import { convolveByChannel } from './convolve-by-channel.js';
import { dedupe } from './dedupe.js';
import { delayExpands } from './delay-expands.js';
import { delayScales } from './delay-scales.js';
import type { Device } from './device.js';
import { fuseUpdates } from './fuse-updates.js';
import { gatherByTap } from './gather-by-tap.js';
import { joinProducts } from './join-products.js';
import { lowerConvolutions } from './lower-convolutions.js';
import { maskByHardSigmoid, maskBySign } from './masks.js';
import { mergeReshapes } from './merge-reshapes.js';
import { mergeScalars } from './merge-scalars.js';
import { poolBeforeBias } from './pool-before-bias.js';
import { poolBeforeRelu } from './pool-before-relu.js';
import { recomputeSums } from './recompute-sums.js';
import { reuseProducts } from './reuse-products.js';
import { splitBlocks } from './split-blocks.js';
import { sumByProduct } from './sum-by-product.js';
import { sumMasked } from './sum-masked.js';
import { turnProducts } from './turn-products.js';
import { turnRecurrences } from './turn-recurrences.js';
import { unrollTallPools } from './unroll-tall-pools.js';
import { untransposeProducts } from './untranspose-products.js';
import { untransposeVectors } from './untranspose-vectors.js';
import { widenRows } from './widen-rows.js';

type Pass = (graph: Graph, without: readonly PassName[]) => Graph;

/** Passes over a forward graph that is going to be differentiated. */
const forwardPasses = {
  poolBeforeRelu,
  poolBeforeBias,
  lowerConvolutions: (graph: Graph, without: readonly string[]) =>
    lowerConvolutions(graph, !without.includes('winograd')),
  convolveByChannel,
};

/** Passes over a whole step. */
const stepPasses = {
  batchWeightGradients,
  delayExpands,
  delayScales,
  sumMasked,
  reuseProducts,
  mergeScalars,
  fuseUpdates,
  turnRecurrences,
  turnProducts,
  untransposeVectors,
  untransposeProducts,
  unrollTallPools,
  sumByProduct,
  gatherByTap,
  widenRows,
  mergeReshapes,
  dedupe,
  joinProducts,
  maskBySign,
  maskByHardSigmoid,
  recomputeSums,
  batchMaskedSums,
  splitBlocks,
};

/** Passes, and `winograd`: a choice of one of them. */
export type PassName = keyof typeof forwardPasses | keyof typeof stepPasses | 'winograd';

export const passNames: readonly PassName[] = [
  ...(Object.keys(forwardPasses) as (keyof typeof forwardPasses)[]),
  'winograd',
  ...(Object.keys(stepPasses) as (keyof typeof stepPasses)[]),
];

/**
 * Passes that only a CPU gains from. With `convolveByChannel` a step of MobileNetV2 with 8 images of 224×224 takes 32 ms where it takes 21
 * without (NVIDIA H200, CUDA, 2026-11-28). On a graphics processor a convolution is quicker than its patches and a product: a step
 * of `fashion-cnn` with 512 images 9.0 ms against 35.7, with 8 images 3.3 against 4.0 (NVIDIA H200, WebGPU, 2026-11-26).
 */
const onlyForCpu: readonly PassName[] = [
  'poolBeforeBias',
  'lowerConvolutions',
  'convolveByChannel',
  'turnProducts',
  'widenRows',
  'batchMaskedSums',
];

/** Forms that do not suit the kernels of WebAssembly, or were not measured there. */
const onlyNatively: readonly PassName[] = ['maskByHardSigmoid', 'batchMaskedSums', 'convolveByChannel'];

/** Forms that suit the kernels of WebAssembly alone. */
const onlyForWebAssembly: readonly PassName[] = ['maskBySign'];

/**
 * Passes that several threads lose by: ONNX Runtime copies the weights into the product's result by one of them. On 1 thread a step
 * of `fashion-cnn` with 8 images takes 1.06 times as long without (bench/PASSES.md).
 */
const onlyForOneThread: readonly PassName[] = ['fuseUpdates'];

/** Passes to leave out, by what the step is computed on. @param threads of a CPU */
export const leftOutOn = (device: Device, threads = 2): readonly PassName[] =>
  device === 'cpu' && threads > 1 ? [...passesLeftOut.cpu, ...onlyForOneThread] : passesLeftOut[device];

const passesLeftOut: Readonly<Record<Device, readonly PassName[]>> = {
  cpu: onlyForWebAssembly,
  wasm: onlyNatively,
  webgpu: [...onlyForCpu, ...onlyForWebAssembly],
  cuda: [...onlyForCpu, ...onlyForWebAssembly],
};

const run = (graph: Graph, passes: Readonly<Record<string, Pass>>, without: readonly PassName[]): Graph =>
  Object.entries(passes).reduce((current, [name, pass]) => {
    if (without.includes(name as PassName)) return current;
    const next = pass(current, without);
    verifyGraph(next);
    return next;
  }, graph);

/** Chooses the form in which the forward pass is computed, and so its gradient. @param without passes to leave out */
export const optimiseForward = (graph: Graph, without: readonly PassName[] = []): Graph =>
  run(graph, forwardPasses, without);

/** Chooses the form of a step that is ready. @param without passes to leave out */
export const optimiseStep = (graph: Graph, without: readonly PassName[] = []): Graph => run(graph, stepPasses, without);
