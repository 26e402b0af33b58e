/** Short trainings whose losses are compared between runtimes. */
import { CaptionNetwork } from '../../../src/models/caption-network.js';
import { CaptionerAttention } from '../../../src/models/captioner-attention.js';
import { FashionCnn } from '../../../src/models/classifier.js';
import { nllLoss } from '../../../src/nn/loss.js';
import { type AnyModule, initialParameters } from '../../../src/nn/module.js';
import { adam, sgd } from '../../../src/optim/optimisers.js';
import type { Runtime } from '../../../src/runtime/session.js';
import { firstOf, repeated } from '../../../src/tensor/stack.js';
import { type Tensor, tensor, toNumbers } from '../../../src/tensor/tensor.js';
import { captionStep } from '../../../src/train/captioner.js';
import { chooseStepsAtOnce } from '../../../src/train/choose-steps-at-once.js';
import { TrainingStep } from '../../../src/train/step.js';
import { buildStep, type StepGraph } from '../../../src/train/step-graph.js';

export const trainings = { 'fashion-cnn': classifier, 'captioner-attention': captioner };

export interface Trained {
  readonly losses: readonly number[];
  /** Sum of the magnitudes of all that is carried, by name. */
  readonly state: Readonly<Record<string, number>>;
  /** The median step, in milliseconds. */
  readonly milliseconds: number;
}

interface Training {
  readonly model: AnyModule;
  readonly step: StepGraph;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

export async function train(
  runtime: Runtime,
  name: keyof typeof trainings,
  steps: number,
  batch: number,
): Promise<Trained> {
  const { model, step: definition, feeds } = trainings[name](runtime, batch);
  const most = Math.min(4, chooseStepsAtOnce(definition, runtime.device));
  await using step = await TrainingStep.compile(runtime, definition, initialParameters(model, 1), 1, {
    stepsAtOnce: most,
  });
  const batches = Object.entries(feeds).map(([key, value]) => [key, repeated(value, most)] as const);
  const losses: number[] = [];
  const times: number[] = [];
  while (losses.length < steps) {
    const count = Math.min(most, steps - losses.length);
    const first = Object.fromEntries(batches.map(([key, value]) => [key, firstOf(value, count)]));
    const began = performance.now();
    const { loss } = await step.runSeveral(losses.length, new Array<number>(count).fill(0.02), first);
    losses.push(...toNumbers(loss!));
    times.push((performance.now() - began) / count);
  }
  const sums = [...(await step.state())].map(([key, value]) => [key, magnitude(value)] as const);
  return { losses, state: Object.fromEntries(sums), milliseconds: times.sort((a, b) => a - b)[times.length >> 1]! };
}

const magnitude = (value: Tensor): number => toNumbers(value).reduce((sum, one) => sum + Math.abs(one), 0);

function classifier({ device }: Runtime, batch: number): Training {
  const model = new FashionCnn();
  const feeds = { pixels: waves(batch, 1, 28, 28), labels: counted(batch, 10) };
  const step = buildStep({
    model,
    inputs: feeds,
    loss: (network, { pixels, labels }, trace) => ({ loss: nllLoss(network.call(pixels!, trace), labels!) }),
    optimiser: sgd({ momentum: 0.9 }),
    device,
  });
  return { model, step, feeds };
}

function captioner({ device }: Runtime, batch: number): Training {
  const [length, regions, size, vocabulary] = [9, 9, 16, 30];
  const sizes = { vocabulary, features: size, embedding: size, hidden: size, attention: size, dropout: 0.5 };
  const model = new CaptionNetwork(undefined, new CaptionerAttention(sizes));
  const settings = {
    ...{ network: model, images: { shape: [regions, size] }, batchSize: batch, words: batch * length, device },
    ...{ labelSmoothing: 0, scheduledSampling: 0, attentionPenalty: 0, optimiser: adam() },
  };
  const words = counted(batch * length, vocabulary);
  const feeds = { images: waves(batch, regions, size), words, targets: words };
  return { model, step: captionStep(settings, Array<number>(length).fill(batch)), feeds };
}

/** Numbers in [-1, 1] that repeat nowhere. */
const waves = (...shape: number[]): Tensor =>
  tensor(
    'float32',
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * i)),
  );

const counted = (length: number, most: number): Tensor =>
  tensor(
    'int64',
    [length],
    BigInt64Array.from({ length }, (_, i) => BigInt(i % most)),
  );
