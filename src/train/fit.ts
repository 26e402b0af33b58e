import { z } from 'zod';
import { FolderLost } from '../data/hold-folder.js';
import { LegendaError, UsageError } from '../errors.js';
import { removeTemporaries } from '../files.js';
import { conform } from '../json.js';
import type { Runtime } from '../runtime/session.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Checkpoint, loadCheckpoint, resumeCheckpoint, saveCheckpoint } from './checkpoint.js';
import { type EndState, EventLog, type Measures, type NewEvent, type RunEvent, readEvents } from './events.js';
import { inferenceParameters } from './step-graph.js';
import type { OpenTask, Place, Task } from './task.js';
import { TensorBoardWriter } from './tensorboard.js';

export interface FitOptions<Scores> {
  readonly runtime: Runtime;
  /** What the parameters are at first, by name; the task's own when left out. */
  readonly initial?: ReadonlyMap<string, Tensor>;
  /** Aborted to end after the steps in hand, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Epochs, from 1, after which it pauses until it is gone on with; trained to its end when left out. */
  readonly untilEpoch?: number;
  /** The most steps that are taken at once, from 1, before progress is reported and a signal heard; by time when left out. */
  readonly stepsAtOnce?: number;
  /** Steps between checkpoints within an epoch, from 1; by time (a minute) when left out. */
  readonly checkpointSteps?: number;
  /** Called before something is written; what it throws ends the run, and nothing more is written. */
  readonly guard?: () => Promise<void>;
  readonly onEvent?: (event: RunEvent) => void;
  /** Called for every step with its loss, after those that were taken at once. */
  readonly onStep?: (progress: StepProgress) => void;
  /** What people should know and does not stop the training, such as a damaged checkpoint that was passed over. */
  readonly onWarning?: (text: string) => void;
  /** Writes what else belongs to a trained run: only after it does the run count as ended. */
  readonly onTrained?: (trained: Trained<Scores>) => Promise<void>;
}

/** What a training comes to. */
export interface Trained<Scores> {
  /** The parameters that `select` names. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Absent where the data has no test split. */
  readonly test?: Scores;
}

export interface StepProgress {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
}

/** How a training ended; parameters and test are absent when it was interrupted or paused, or diverged. */
export interface FitResult<Scores> extends Partial<Trained<Scores>> {
  readonly state: EndState;
  /** What diverged, or where it paused. */
  readonly message?: string;
}

/** What a checkpoint keeps besides tensors; sums are kept as they are, so that means come out the same. */
const progressSchema = z.object({
  epochLoss: z.number(),
  totalLoss: z.number(),
  seconds: z.number().min(0),
  epochSeconds: z.number().min(0),
  best: z.object({ score: z.number(), epoch: z.int().min(1) }).nullable(),
});

type Progress = z.infer<typeof progressSchema>;

const reportEvery = 100;
const checkpointMilliseconds = 60_000;
/** What may pass until progress is shown and a signal is heard. */
const millisecondsAtOnce = 200;

/**
 * Trains in a run folder, from its last checkpoint where there is one. Every epoch is validated and saved; the end is
 * tested. A loss that is not finite, in training or validation, ends the run as `diverged`. What is trained in pieces, with
 * `untilEpoch`, ends with the bits of what was trained at once.
 *
 * @param runDir a folder with its `run.json`
 * @throws UsageError when a count of steps or epochs is no whole number from 1
 * @throws LegendaError when the data does not fit the model, or the folder cannot be read or written
 */
export async function fitTask<Scores>(
  runDir: string,
  task: Task<Scores>,
  options: FitOptions<Scores>,
): Promise<FitResult<Scores>> {
  checkCount('stepsAtOnce', options.stepsAtOnce);
  checkCount('checkpointSteps', options.checkpointSteps);
  checkCount('untilEpoch', options.untilEpoch);
  const checkpoint = await resumeCheckpoint(runDir);
  for (const warning of checkpoint?.warnings ?? []) options.onWarning?.(warning);
  await removeTemporaries(runDir);
  using log = EventLog.open(runDir);
  using board = TensorBoardWriter.open(runDir);
  const emit = (event: NewEvent): void => {
    const written = log.append(event);
    board.append(written);
    options.onEvent?.(written);
  };
  const run = new Run(runDir, task, options, emit);
  const from = checkpoint?.step ?? 0;
  const before = await readEvents(runDir);
  emit({ type: 'start', step: from, epoch: run.place(from).epoch, resumed: checkpoint !== undefined });
  try {
    return await run.go(checkpoint, before);
  } catch (error) {
    // a folder that is another's now must not be written to
    if (error instanceof LegendaError && !(error instanceof FolderLost)) run.fail(error);
    throw error;
  }
}

function checkCount(name: string, count: number | undefined): void {
  if (count !== undefined && !(Number.isSafeInteger(count) && count >= 1))
    throw new UsageError(`${name}: a whole number from 1 is expected, ${count} came`);
}

/** @throws LegendaError when a checkpoint lacks what the training carries, and would begin anew in silence */
async function requireWhole({ step, tensors }: Checkpoint, open: OpenTask<unknown>): Promise<void> {
  const missing = [...(await open.state()).keys()].find((name) => !tensors.has(name));
  if (missing !== undefined)
    throw new LegendaError(
      `the checkpoint of step ${step} lacks "${missing}", which the training carries from step to step: another version of Legenda saved it`,
    );
}

/** One process's share of a run. */
class Run<Scores> {
  readonly #dir: string;
  readonly #task: Task<Scores>;
  readonly #options: FitOptions<Scores>;
  readonly #emit: (event: NewEvent) => void;
  #step = 0;
  #progress: Progress = { epochLoss: 0, totalLoss: 0, seconds: 0, epochSeconds: 0, best: null };
  #clock = performance.now();
  /** Of the last steps; unknown at first, so that the first is taken alone. */
  #millisecondsAStep = Number.POSITIVE_INFINITY;

  constructor(dir: string, task: Task<Scores>, options: FitOptions<Scores>, emit: (event: NewEvent) => void) {
    this.#dir = dir;
    this.#task = task;
    this.#options = options;
    this.#emit = emit;
  }

  place(step: number): Place {
    const { batches } = this.#task;
    return { step, epoch: Math.floor(step / batches), batch: step % batches };
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

  /** @param before what was logged by processes before */
  async go(checkpoint: Checkpoint | undefined, before: readonly RunEvent[]): Promise<FitResult<Scores>> {
    const from = checkpoint?.step ?? 0;
    this.#step = from;
    const { batches, epochs, schedule } = this.#task;
    const { runtime, signal, initial, untilEpoch = epochs } = this.#options;
    await using open = await this.#task.open(runtime, checkpoint?.tensors ?? initial);
    if (checkpoint !== undefined) {
      this.#progress = conform(checkpoint.progress, progressSchema, `the progress of the checkpoint of step ${from}`);
      await requireWhole(checkpoint, open);
      // a process may have ended between saving and saying so
      if (!before.some((event) => event.type === 'checkpoint' && event.step === from)) this.#saved(this.#isBest(from));
    }
    const steps = epochs * batches;
    let saved = performance.now();
    let since = { step: from, loss: 0, time: performance.now() };
    this.#clock = performance.now();

    while (this.#step < steps && !this.#isStale()) {
      if (this.#step >= untilEpoch * batches) return this.#pause();
      if (signal?.aborted) return await this.#interrupt(open);
      const place = this.place(this.#step);
      const { epoch, batch } = place;
      const count = this.#together(open, batch);
      const learningRates = Array.from({ length: count }, (_, i) => schedule(this.#step + i));
      const losses = await this.#timed(count, () => open.steps(place, learningRates));
      for (const [i, loss] of losses.entries()) {
        const learningRate = learningRates[i]!;
        this.#step++;
        if (!Number.isFinite(loss)) return this.#diverge(`the loss of step ${this.#step} is ${loss}`, learningRate);
        this.#progress.epochLoss += loss;
        this.#progress.totalLoss += loss;
        since.loss += loss;
        this.#options.onStep?.({ step: this.#step, steps, epoch, loss, learningRate });
        if (this.#step % reportEvery === 0) {
          const now = performance.now();
          const taken = this.#step - since.step;
          const stepsPerSecond = (1000 * taken) / (now - since.time);
          this.#emit({
            type: 'train',
            step: this.#step,
            epoch,
            loss: since.loss / taken,
            learningRate,
            stepsPerSecond,
          });
          since = { step: this.#step, loss: 0, time: now };
        }
      }
      if (batch + count === batches) {
        const learningRate = learningRates.at(-1)!;
        const measures = await this.#validate(open, epoch, learningRate);
        const wrong = Object.entries(measures).find(([, value]) => !Number.isFinite(value));
        if (wrong !== undefined) {
          return this.#diverge(`the validation ${wrong[0]} of epoch ${epoch + 1} is ${wrong[1]}`, learningRate);
        }
        await this.#saveEpoch(open, epoch, measures[this.#task.measure]!);
        saved = performance.now();
      } else if (this.#isDue(saved)) {
        await this.#save(open, false);
        saved = performance.now();
      }
    }
    return await this.#finish(open, steps);
  }

  /** How many steps to take at once: none that goes beyond what is to be done after some step, or lets people wait. */
  #together(open: OpenTask<Scores>, batch: number): number {
    const { checkpointSteps, stepsAtOnce = Math.max(1, Math.floor(millisecondsAtOnce / this.#millisecondsAStep)) } =
      this.#options;
    const until = (every: number): number => every - (this.#step % every);
    const toCheckpoint = checkpointSteps === undefined ? Number.POSITIVE_INFINITY : until(checkpointSteps);
    const toEpochEnd = this.#task.batches - batch;
    return Math.min(open.stepsAtOnce, stepsAtOnce, toEpochEnd, until(reportEvery), toCheckpoint);
  }

  async #timed<T>(steps: number, take: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await take();
    this.#millisecondsAStep = (performance.now() - start) / steps;
    return result;
  }

  /** Whether a checkpoint within an epoch is due. */
  #isDue(saved: number): boolean {
    const { checkpointSteps } = this.#options;
    if (checkpointSteps !== undefined) return this.#step % checkpointSteps === 0;
    return performance.now() - saved > checkpointMilliseconds;
  }

  /** Whether patience has run out. */
  #isStale(): boolean {
    const { patience } = this.#task;
    const { best } = this.#progress;
    return patience !== undefined && best !== null && this.place(this.#step).epoch - best.epoch >= patience;
  }

  async #validate(open: OpenTask<Scores>, epoch: number, learningRate: number): Promise<Measures> {
    const validation = this.#task.measures(await open.validate(inferenceParameters(await open.state())));
    await this.#options.guard?.();
    this.#tick();
    this.#emit({
      type: 'epoch',
      epoch: epoch + 1,
      step: this.#step,
      trainLoss: this.#progress.epochLoss / this.#task.batches,
      trainLossSinceStart: this.#progress.totalLoss / this.#step,
      validation,
      learningRate,
      seconds: this.#progress.epochSeconds,
    });
    return validation;
  }

  async #saveEpoch(open: OpenTask<Scores>, epoch: number, score: number): Promise<void> {
    this.#progress.epochLoss = 0;
    this.#progress.epochSeconds = 0;
    const better = this.#progress.best === null || score > this.#progress.best.score;
    if (better) this.#progress.best = { score, epoch: epoch + 1 };
    await this.#save(open, better);
  }

  async #save(open: OpenTask<Scores>, best: boolean): Promise<void> {
    const tensors = await open.state();
    await this.#options.guard?.();
    this.#tick();
    await saveCheckpoint(this.#dir, { step: this.#step, tensors, progress: { ...this.#progress } }, { best });
    this.#saved(best);
  }

  #saved(best: boolean): void {
    this.#emit({ type: 'checkpoint', step: this.#step, epoch: this.place(this.#step).epoch, best });
  }

  /** Whether a step is the end of the epoch that did best so far. */
  #isBest(step: number): boolean {
    const { best } = this.#progress;
    return best !== null && step === best.epoch * this.#task.batches;
  }

  async #interrupt(open: OpenTask<Scores>): Promise<FitResult<Scores>> {
    await this.#save(open, false);
    this.end('interrupted');
    return { state: 'interrupted' };
  }

  /** Between two epochs, where all is saved. */
  #pause(): FitResult<Scores> {
    const { epochs } = this.#task;
    const message = `paused after ${this.place(this.#step).epoch} of ${epochs} epochs`;
    this.end('paused', message);
    return { state: 'paused', message };
  }

  #diverge(what: string, learningRate: number): FitResult<Scores> {
    const message = `${what} (learning rate ${learningRate})`;
    this.end('diverged', message);
    return { state: 'diverged', message };
  }

  async #finish(open: OpenTask<Scores>, steps: number): Promise<FitResult<Scores>> {
    const { select } = this.#task;
    const state = select === 'best' ? (await loadCheckpoint(this.#dir, 'best'))!.tensors : await open.state();
    const parameters = new Map(
      [...inferenceParameters(state)].map(([name, t]) => [name, { ...t, data: t.data.slice() }]),
    );
    const test = await open.test?.(parameters);
    await this.#options.guard?.();
    if (test !== undefined) this.#emit({ type: 'test', ...this.#task.measures(test), checkpoint: select });
    const trained = { parameters, ...(test !== undefined && { test }) };
    await this.#options.onTrained?.(trained);
    const ending = this.#step < steps ? 'stopped-early' : 'done';
    this.end(ending);
    return { state: ending, ...trained };
  }

  #tick(): void {
    const now = performance.now();
    this.#progress.seconds += (now - this.#clock) / 1000;
    this.#progress.epochSeconds += (now - this.#clock) / 1000;
    this.#clock = now;
  }
}
