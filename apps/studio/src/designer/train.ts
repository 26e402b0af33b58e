// In the worker: trains a design. Between runs of a few steps it listens, so that it can be stopped.
import {
  BatchSource,
  buildStep,
  chooseStepsAtOnce,
  designed,
  evaluateClassifier,
  evaluationBatchSize,
  exportModel,
  fashionMnistClasses,
  InferenceModel,
  initialParameters,
  type LabelledImages,
  type LayerDesign,
  type Module,
  nllLoss,
  type Runtime,
  SeveralBatches,
  sgd,
  type Tensor,
  TrainingStep,
  withoutEnd,
} from 'legenda';
import { openWebRuntime } from 'legenda/web';
import { loadSample } from './sample.js';

export interface TrainOrder {
  readonly layers: readonly LayerDesign[];
  readonly lr: number;
  readonly batch: number;
  readonly epochs: number;
  readonly seed: number;
  /** Address of the page. */
  readonly base: string;
}

/** What the worker says. */
export type Told =
  | { readonly type: 'ready'; readonly runtime: string; readonly images: number; readonly steps: number }
  | { readonly type: 'progress'; readonly losses: readonly number[]; readonly stepsPerSecond: number }
  /** The loss of a step, from 1, is not finite. */
  | { readonly type: 'diverged'; readonly step: number }
  | { readonly type: 'epoch'; readonly epoch: number; readonly accuracy: number }
  | {
      readonly type: 'trained';
      readonly accuracy: number;
      readonly seconds: number;
      readonly model: Uint8Array<ArrayBuffer>;
    }
  | { readonly type: 'failed'; readonly message: string };

const image = [1, 28, 28];
/** Milliseconds between two messages. */
const interval = 200;

let stopped = false;
const tell = (what: Told, transfer: Transferable[] = []) => postMessage(what, { transfer });

/** Hears what the page says. */
export function hear(data: TrainOrder | 'stop'): void {
  if (data === 'stop') stopped = true;
  else train(data).catch(({ message }) => tell({ type: 'failed', message }));
}

async function train({ layers, lr, batch, epochs, seed, base }: TrainOrder): Promise<void> {
  const { model } = designed(image, [...withoutEnd(layers), { type: 'LogSoftmax' }]);
  const [runtime, images] = await Promise.all([openWebRuntime(), loadSample(base)]);
  const batches = new BatchSource(images.train, { batchSize: batch, seed });
  const definition = buildStep({
    model,
    inputs: {
      pixels: { dtype: 'float32', shape: [batch, ...image] },
      labels: { dtype: 'int64', shape: [batch] },
    },
    loss: (network, inputs, trace) => ({ loss: nllLoss(network.call(inputs.pixels!, trace), inputs.labels!) }),
    optimiser: sgd(),
    device: runtime.device,
  });
  const most = Math.min(10, chooseStepsAtOnce(definition, runtime.device));
  const buffers = new SeveralBatches(most, batch, image);
  await using step = await TrainingStep.compile(runtime, definition, initialParameters(model, seed), seed, {
    stepsAtOnce: most,
  });
  const { name, threads } = runtime;
  const steps = epochs * batches.batches;
  tell({
    type: 'ready',
    runtime: `${name}, ${threads} thread${threads > 1 ? 's' : ''}`,
    images: images.train.count,
    steps,
  });
  const began = performance.now();
  let told = began;
  let losses: number[] = [];
  let accuracy = Number.NaN;
  for (let i = 0; i < steps && !stopped; ) {
    const [epoch, from] = [Math.floor(i / batches.batches), i % batches.batches];
    const count = Math.min(most, batches.batches - from);
    for (let k = 0; k < count; k++) batches.fill(epoch, from + k, buffers.at(k));
    const { loss } = await step.runSeveral(i, new Array(count).fill(lr), buffers.first(count));
    const values = Array.from(loss!.data, Number);
    const diverged = values.findIndex((value) => !Number.isFinite(value));
    if (diverged >= 0) {
      tell({ type: 'diverged', step: i + diverged + 1 });
      return;
    }
    losses.push(...values);
    i += count;
    const now = performance.now();
    if (now - told >= interval || i === steps) {
      tell({ type: 'progress', losses, stepsPerSecond: (1000 * losses.length) / (now - told) });
      [told, losses] = [now, []];
      await new Promise((resolve) => setTimeout(resolve));
    }
    if (i % batches.batches === 0) {
      accuracy = await accuracyOn(images.test, model, await step.state(), runtime);
      tell({ type: 'epoch', epoch: i / batches.batches, accuracy });
    }
  }
  const seconds = (performance.now() - began) / 1000;
  const parameters = await step.state();
  if (Number.isNaN(accuracy) || stopped) accuracy = await accuracyOn(images.test, model, parameters, runtime);
  const file = new Uint8Array(exportModel(model, image, parameters));
  tell({ type: 'trained', accuracy, seconds, model: file }, [file.buffer]);
}

async function accuracyOn(
  images: LabelledImages,
  model: Module,
  parameters: ReadonlyMap<string, Tensor>,
  runtime: Runtime,
): Promise<number> {
  const shape = [evaluationBatchSize, ...image];
  await using inference = await InferenceModel.compile(runtime, model, { dtype: 'float32', shape });
  const classes = fashionMnistClasses.length;
  return (await evaluateClassifier(inference, parameters, { images, map: {}, classes })).accuracy;
}
