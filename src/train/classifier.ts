import type { Augmentation } from '../data/augment.js';
import { BatchSource } from '../data/batches.js';
import { checkLabels, type ImageClassificationSet } from '../data/dataset.js';
import type { PixelMap } from '../data/pixels.js';
import { SeveralBatches } from '../data/several-batches.js';
import { UsageError } from '../errors.js';
import type { ClassificationScores } from '../metrics/classification.js';
import { crossEntropy, nllLoss } from '../nn/loss.js';
import type { Module } from '../nn/module.js';
import { initialParameters } from '../nn/module.js';
import type { Schedule } from '../optim/schedule.js';
import type { Transform } from '../optim/transform.js';
import type { Runtime } from '../runtime/session.js';
import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { chooseStepsAtOnce } from './choose-steps-at-once.js';
import { evaluateClassifier, evaluationBatchSize } from './evaluate.js';
import { type FitOptions, type FitResult, fitTask } from './fit.js';
import { InferenceModel } from './inference.js';
import { TrainingStep } from './step.js';
import { buildStep, type StepForm, type StepGraph } from './step-graph.js';
import type { OpenTask, Place, Task } from './task.js';

/** A classifier's training, resolved: what the run's configuration comes to. */
export interface Training {
  /** Images [N, C, H, W] → log-probabilities [N, classes]. */
  readonly model: Module;
  readonly data: ImageClassificationSet;
  /** Indices into the training images. */
  readonly split: { readonly train: Uint32Array; readonly validation: Uint32Array };
  readonly map: PixelMap;
  readonly augment?: Augmentation;
  readonly batchSize: number;
  readonly epochs: number;
  readonly optimiser: Transform;
  /** By step. */
  readonly schedule: Schedule;
  readonly labelSmoothing: number;
  /** Validate and test with averaged parameters. */
  readonly averageDecay?: number;
  /** Stop after this many epochs without a better validation accuracy. */
  readonly patience?: number;
  /** Which parameters are tested and shipped: the last, or those that did best on validation. */
  readonly select: 'last' | 'best';
  readonly seed: number;
}

function checkTraining(training: Training): void {
  const { data, split } = training;
  checkLabels(data.train, data.classes.length, 'training images: ');
  checkLabels(data.test, data.classes.length, 'test images: ');
  if (split.validation.length === 0) {
    throw new UsageError(`none of the ${data.train.count} images is left for validation: its share is too small`);
  }
}

export type ClassifierFitOptions = FitOptions<ClassificationScores>;
export type ClassifierFitResult = FitResult<ClassificationScores>;

/**
 * Trains a classifier in a run folder, from its last checkpoint where there is one (see `fitTask`).
 *
 * @param runDir a folder with its `run.json`
 * @throws UsageError when data and settings do not fit, before anything is written
 * @throws LegendaError when the data does not fit the model, or the folder cannot be read or written
 */
export async function fitClassifier(
  runDir: string,
  training: Training,
  options: ClassifierFitOptions,
): Promise<ClassifierFitResult> {
  return fitTask(runDir, classifierTask(training), options);
}

function batchesOf({ data, split, map, augment, batchSize, seed }: Training): BatchSource {
  return new BatchSource(data.train, { batchSize, indices: split.train, map, seed, ...(augment && { augment }) });
}

/**
 * @throws UsageError when data and settings do not fit, in words that name the setting
 * @throws LegendaError when a label is no class
 */
export function classifierTask(training: Training): Task<ClassificationScores> {
  checkTraining(training);
  const { model, seed, epochs, schedule, patience, select } = training;
  const batches = batchesOf(training);
  return {
    batches: batches.batches,
    epochs,
    schedule,
    ...(patience !== undefined && { patience }),
    select,
    measure: 'accuracy',
    measures: ({ accuracy, loss }) => ({ accuracy, loss }),
    open: (runtime, state) => OpenClassifier.open(runtime, training, batches, state ?? initialParameters(model, seed)),
  };
}

class OpenClassifier implements OpenTask<ClassificationScores> {
  readonly #training: Training;
  readonly #batches: BatchSource;
  readonly #step: TrainingStep;
  readonly #inference: InferenceModel;
  readonly #buffers: SeveralBatches;
  readonly stepsAtOnce: number;

  private constructor(training: Training, batches: BatchSource, step: TrainingStep, inference: InferenceModel) {
    const { batchSize } = training;
    this.#training = training;
    this.#batches = batches;
    this.#step = step;
    this.#inference = inference;
    this.stepsAtOnce = step.stepsAtOnce;
    this.#buffers = new SeveralBatches(step.stepsAtOnce, batchSize, imageShape(training));
  }

  static async open(
    runtime: Runtime,
    training: Training,
    batches: BatchSource,
    state: ReadonlyMap<string, Tensor>,
  ): Promise<OpenClassifier> {
    const { model, seed } = training;
    const image = imageShape(training);
    const { device, threads } = runtime;
    const definition = classifierStep(training, image, { device, threads });
    const step = await TrainingStep.compile(runtime, definition, state, seed, {
      stepsAtOnce: chooseStepsAtOnce(definition, device),
    });
    try {
      const input = { dtype: 'float32', shape: [evaluationBatchSize, ...image] } as const;
      return new OpenClassifier(training, batches, step, await InferenceModel.compile(runtime, model, input));
    } catch (error) {
      await step[Symbol.asyncDispose]();
      throw error;
    }
  }

  state(): Promise<ReadonlyMap<string, Tensor>> {
    return this.#step.state();
  }

  async steps({ step, epoch, batch }: Place, learningRates: readonly number[]): Promise<readonly number[]> {
    const count = learningRates.length;
    for (let i = 0; i < count; i++) this.#batches.fill(epoch, batch + i, this.#buffers.at(i));
    const { loss } = await this.#step.runSeveral(step, learningRates, this.#buffers.first(count));
    return [...(loss.data as Float32Array)];
  }

  validate(parameters: ReadonlyMap<string, Tensor>): Promise<ClassificationScores> {
    const { data, split, map } = this.#training;
    const set = { images: data.train, indices: split.validation, map, classes: data.classes.length };
    return evaluateClassifier(this.#inference, parameters, set);
  }

  test(parameters: ReadonlyMap<string, Tensor>): Promise<ClassificationScores> {
    const { data, map } = this.#training;
    return evaluateClassifier(this.#inference, parameters, { images: data.test, map, classes: data.classes.length });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#step[Symbol.asyncDispose]();
    await this.#inference[Symbol.asyncDispose]();
  }
}

const imageShape = ({ data: { train } }: Training): number[] => [train.channels, train.height, train.width];

/** The step for a batch of images. @param image channels, height and width of one */
export function classifierStep(
  {
    model,
    batchSize,
    labelSmoothing,
    optimiser,
    averageDecay,
  }: Pick<Training, 'model' | 'batchSize' | 'labelSmoothing' | 'optimiser' | 'averageDecay'>,
  image: Shape,
  form: StepForm = {},
): StepGraph {
  return buildStep({
    ...form,
    model,
    inputs: {
      pixels: { dtype: 'float32', shape: [batchSize, ...image] },
      labels: { dtype: 'int64', shape: [batchSize] },
    },
    loss: (network, { pixels, labels }, trace) => {
      const logProbabilities = network.call(pixels, trace);
      // log-probabilities are their own log-softmax
      const loss =
        labelSmoothing > 0
          ? crossEntropy(logProbabilities, labels, { labelSmoothing })
          : nllLoss(logProbabilities, labels);
      return { loss };
    },
    optimiser,
    averageDecay,
  });
}
