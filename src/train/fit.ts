import { z } from 'zod';
import type { Augmentation } from '../data/augment.js';
import { BatchSource } from '../data/batches.js';
import { checkLabels, type ImageClassificationSet } from '../data/dataset.js';
import type { PixelMap } from '../data/pixels.js';
import { LegendaError, UsageError } from '../errors.js';
import { removeTemporaries } from '../files.js';
import { conform } from '../json.js';
import type { ClassificationScores } from '../metrics/classification.js';
import { crossEntropy, nllLoss } from '../nn/loss.js';
import type { Module } from '../nn/module.js';
import { initialParameters } from '../nn/module.js';
import type { Schedule } from '../optim/schedule.js';
import type { Transform } from '../optim/transform.js';
import type { Runtime } from '../runtime/session.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { evaluateClassifier, evaluationBatchSize } from './evaluate.js';
import { type EndState, EventLog, type NewEvent, type RunEvent } from './events.js';
import { InferenceModel } from './inference.js';
import { TrainingStep } from './step.js';
import { averageName, buildStep } from './step-graph.js';
import { TensorBoardWriter } from './tensorboard.js';

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
  /** What the parameters are at first, by name; drawn from the seed when left out. */
  readonly initial?: ReadonlyMap<string, Tensor>;
  readonly seed: number;
}

export interface FitOptions {
  readonly runtime: Runtime;
  /** Aborted to end after the step in hand, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Steps between checkpoints within an epoch; by time (a minute) when left out. */
  readonly checkpointSteps?: number;
  readonly onEvent?: (event: RunEvent) => void;
  /** Called after every step with the loss. */
  readonly onStep?: (progress: StepProgress) => void;
  /** What people should know and does not stop the training, such as a damaged checkpoint that was passed over. */
  readonly onWarning?: (text: string) => void;
  /** Writes what else belongs to a trained run: only after it does the run count as ended. */
  readonly onTrained?: (trained: Trained) => Promise<void>;
}

/** What a training comes to. */
export interface Trained {
  /** The parameters that `select` names. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly test: ClassificationScores;
}

export interface StepProgress {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
}

/** How a training ended; parameters and test are absent when it was interrupted or diverged. */
export interface FitResult extends Partial<Trained> {
  readonly state: EndState;
  /** What diverged. */
  readonly message?: string;
}

/** What a checkpoint keeps besides tensors; sums are kept as they are, so that means come out the same. */
const progressSchema = z.object({
  epochLoss: z.number(),
  totalLoss: z.number(),
  seconds: z.number().min(0),
  epochSeconds: z.number().min(0),
  best: z.object({ accuracy: z.number(), epoch: z.int().min(1) }).nullable(),
});

type Progress = z.infer<typeof progressSchema>;

const reportEvery = 100;
const checkpointMilliseconds = 60_000;

/**
 * @throws UsageError when data and settings do not fit, in words that name the setting
 * @throws LegendaError when a label is no class
 */
export function checkTraining(training: Training): void {
  batchesOf(training);
  const { data, split } = training;
  checkLabels(data.train, data.classes.length, 'training images: ');
  checkLabels(data.test, data.classes.length, 'test images: ');
  if (split.validation.length === 0) {
    throw new UsageError(`none of the ${data.train.count} images is left for validation: its share is too small`);
  }
}

/**
 * Trains in a run folder, from its last checkpoint where there is one. Every epoch is validated and saved; the end is
 * tested. A loss that is not finite, in training or validation, ends the run as `diverged`.
 *
 * @param runDir a folder with its `run.json`
 * @throws UsageError when data and settings do not fit, before anything is written
 * @throws LegendaError when the data does not fit the model, or the folder cannot be read or written
 */
export async function fitClassifier(runDir: string, training: Training, options: FitOptions): Promise<FitResult> {
  checkTraining(training);
  const checkpoint = await loadCheckpoint(runDir, 'last');
  for (const warning of checkpoint?.warnings ?? []) options.onWarning?.(warning);
  await removeTemporaries(runDir);
  using log = EventLog.open(runDir);
  using board = TensorBoardWriter.open(runDir);
  const emit = (event: NewEvent): void => {
    const written = log.append(event);
    board.append(written);
    options.onEvent?.(written);
  };
  const batches = batchesOf(training);
  const run = new Run(runDir, training, options, emit, batches);
  const { epoch } = run.place(checkpoint?.step ?? 0);
  emit({ type: 'start', step: checkpoint?.step ?? 0, epoch, resumed: checkpoint !== undefined });
  try {
    return await run.go(checkpoint);
  } catch (error) {
    if (error instanceof LegendaError) run.fail(error);
    throw error;
  }
}

function batchesOf({ data, split, map, augment, batchSize, seed }: Training): BatchSource {
  return new BatchSource(data.train, { batchSize, indices: split.train, map, seed, ...(augment && { augment }) });
}

/** One process's share of a run. */
class Run {
  readonly #dir: string;
  readonly #training: Training;
  readonly #options: FitOptions;
  readonly #emit: (event: NewEvent) => void;
  readonly #batches: BatchSource;
  #step = 0;
  #progress: Progress = { epochLoss: 0, totalLoss: 0, seconds: 0, epochSeconds: 0, best: null };
  #clock = performance.now();

  constructor(
    dir: string,
    training: Training,
    options: FitOptions,
    emit: (event: NewEvent) => void,
    batches: BatchSource,
  ) {
    this.#dir = dir;
    this.#training = training;
    this.#options = options;
    this.#emit = emit;
    this.#batches = batches;
  }

  /** Epoch (from 0) and batch of a step. */
  place(step: number): { epoch: number; batch: number } {
    return { epoch: Math.floor(step / this.#batches.batches), batch: step % this.#batches.batches };
  }

  end(state: EndState, message?: string): void {
    this.#tick();
    const { epoch } = this.place(this.#step);
    const about = message === undefined ? {} : { message };
    this.#emit({ type: 'end', state, step: this.#step, epoch, seconds: this.#progress.seconds, ...about });
  }

  /** Says so in the log where that can still be written: what the run failed of is the error to hear about. */
  fail({ message }: LegendaError): void {
    try {
      this.end('failed', message);
    } catch (error) {
      if (!(error instanceof LegendaError)) throw error;
    }
  }

  async go(checkpoint: Checkpoint | undefined): Promise<FitResult> {
    const from = checkpoint?.step ?? 0;
    this.#step = from;
    const { model, data, seed, optimiser, labelSmoothing, averageDecay, batchSize, epochs } = this.#training;
    const { runtime, signal } = this.#options;
    const image = [data.train.channels, data.train.height, data.train.width];
    const definition = buildStep({
      model,
      inputs: {
        pixels: { dtype: 'float32', shape: [batchSize, ...image] },
        labels: { dtype: 'int64', shape: [batchSize] },
      },
      loss: (network, { pixels, labels }, trace) => {
        const logProbabilities = network.call(pixels!, trace);
        // log-probabilities are their own log-softmax
        const loss =
          labelSmoothing > 0
            ? crossEntropy(logProbabilities, labels!, { labelSmoothing })
            : nllLoss(logProbabilities, labels!);
        return { loss };
      },
      optimiser,
      averageDecay,
    });
    const state = checkpoint?.tensors ?? this.#training.initial ?? initialParameters(model, seed);
    await using step = await TrainingStep.compile(runtime, definition, state, seed);
    await using inference = await InferenceModel.compile(runtime, model, {
      dtype: 'float32',
      shape: [evaluationBatchSize, ...image],
    });

    const pixels = tensor(
      'float32',
      [batchSize, ...image],
      new Float32Array(batchSize * image.reduce((a, b) => a * b)),
    );
    const labels = tensor('int64', [batchSize], new BigInt64Array(batchSize));
    const buffers = { pixels: pixels.data as Float32Array, labels: labels.data as BigInt64Array };
    if (checkpoint !== undefined)
      this.#progress = conform(checkpoint.progress, progressSchema, `the progress of the checkpoint of step ${from}`);
    const steps = epochs * this.#batches.batches;
    let saved = performance.now();
    let since = { step: from, loss: 0, time: performance.now() };
    this.#clock = performance.now();

    while (this.#step < steps && !this.#isStale()) {
      if (signal?.aborted) return await this.#interrupt(step);
      const { epoch, batch } = this.place(this.#step);
      this.#batches.fill(epoch, batch, buffers);
      const learningRate = this.#training.schedule(this.#step);
      const results = await step.run(this.#step, learningRate, { pixels, labels });
      const loss = results['loss']!.data[0] as number;
      this.#step++;
      if (!Number.isFinite(loss)) return this.#diverge(`the loss of step ${this.#step} is ${loss}`, learningRate);
      this.#progress.epochLoss += loss;
      this.#progress.totalLoss += loss;
      since.loss += loss;
      this.#options.onStep?.({ step: this.#step, steps, epoch, loss, learningRate });
      if (this.#step % reportEvery === 0) {
        const now = performance.now();
        const count = this.#step - since.step;
        const stepsPerSecond = (1000 * count) / (now - since.time);
        this.#emit({ type: 'train', step: this.#step, epoch, loss: since.loss / count, learningRate, stepsPerSecond });
        since = { step: this.#step, loss: 0, time: now };
      }
      if (batch + 1 === this.#batches.batches) {
        const { loss: held, accuracy } = await this.#validate(step, inference, epoch, learningRate);
        if (!Number.isFinite(held)) {
          return this.#diverge(`the validation loss of epoch ${epoch + 1} is ${held}`, learningRate);
        }
        await this.#saveEpoch(step, epoch, accuracy);
        saved = performance.now();
      } else if (this.#isDue(saved)) {
        await this.#save(step, false);
        saved = performance.now();
      }
    }
    return await this.#finish(step, inference, steps);
  }

  /** Whether a checkpoint within an epoch is due. */
  #isDue(saved: number): boolean {
    const { checkpointSteps } = this.#options;
    if (checkpointSteps !== undefined) return this.#step % checkpointSteps === 0;
    return performance.now() - saved > checkpointMilliseconds;
  }

  /** Whether patience has run out. */
  #isStale(): boolean {
    const { patience } = this.#training;
    const { best } = this.#progress;
    return patience !== undefined && best !== null && this.place(this.#step).epoch - best.epoch >= patience;
  }

  async #validate(
    step: TrainingStep,
    inference: InferenceModel,
    epoch: number,
    learningRate: number,
  ): Promise<ClassificationScores> {
    const { data, split, map } = this.#training;
    const validation = await evaluateClassifier(inference, inferenceParameters(step.state), {
      images: data.train,
      indices: split.validation,
      map,
      classes: data.classes.length,
    });
    this.#tick();
    this.#emit({
      type: 'epoch',
      epoch: epoch + 1,
      step: this.#step,
      trainLoss: this.#progress.epochLoss / this.#batches.batches,
      trainLossSinceStart: this.#progress.totalLoss / this.#step,
      validation: { loss: validation.loss, accuracy: validation.accuracy },
      learningRate,
      seconds: this.#progress.epochSeconds,
    });
    return validation;
  }

  async #saveEpoch(step: TrainingStep, epoch: number, accuracy: number): Promise<void> {
    this.#progress.epochLoss = 0;
    this.#progress.epochSeconds = 0;
    const better = this.#progress.best === null || accuracy > this.#progress.best.accuracy;
    if (better) this.#progress.best = { accuracy, epoch: epoch + 1 };
    await this.#save(step, better);
  }

  async #save(step: TrainingStep, best: boolean): Promise<void> {
    this.#tick();
    await saveCheckpoint(
      this.#dir,
      { step: this.#step, tensors: step.state, progress: { ...this.#progress } },
      { best },
    );
    this.#emit({ type: 'checkpoint', step: this.#step, epoch: this.place(this.#step).epoch, best });
  }

  async #interrupt(step: TrainingStep): Promise<FitResult> {
    await this.#save(step, false);
    this.end('interrupted');
    return { state: 'interrupted' };
  }

  #diverge(what: string, learningRate: number): FitResult {
    const message = `${what} (learning rate ${learningRate})`;
    this.end('diverged', message);
    return { state: 'diverged', message };
  }

  async #finish(step: TrainingStep, inference: InferenceModel, steps: number): Promise<FitResult> {
    const { data, map, select } = this.#training;
    const state = select === 'best' ? (await loadCheckpoint(this.#dir, 'best'))!.tensors : step.state;
    const parameters = new Map(
      [...inferenceParameters(state)].map(([name, t]) => [name, { ...t, data: t.data.slice() }]),
    );
    const test = await evaluateClassifier(inference, parameters, {
      images: data.test,
      map,
      classes: data.classes.length,
    });
    this.#emit({ type: 'test', loss: test.loss, accuracy: test.accuracy, checkpoint: select });
    await this.#options.onTrained?.({ parameters, test });
    const ending = this.#step < steps ? 'stopped-early' : 'done';
    this.end(ending);
    return { state: ending, parameters, test };
  }

  #tick(): void {
    const now = performance.now();
    this.#progress.seconds += (now - this.#clock) / 1000;
    this.#progress.epochSeconds += (now - this.#clock) / 1000;
    this.#clock = now;
  }
}

/** The tensors a model is evaluated with, from a training state: averages take the place of what they are averages of. */
export function inferenceParameters(state: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const prefix = averageName('');
  const parameters = new Map(state);
  for (const [name, average] of state) if (name.startsWith(prefix)) parameters.set(name.slice(prefix.length), average);
  return parameters;
}
