import { LegendaError } from '../errors.js';
import type { Runtime } from '../runtime/session.js';
import { repeated } from '../tensor/stack.js';
import type { Tensor } from '../tensor/tensor.js';
import { TrainingStep } from '../train/step.js';
import { Ceiling, ceilingFlop } from './ceiling.js';
import type { DrawnStep } from './drawn-step.js';
import { countOperations, type OperationCounts } from './operation-counts.js';
import { spreadOver, type Times, timeInRounds, timesOf } from './rounds.js';

export interface TimeOptions {
  readonly runtime: Runtime;
  /** Steps that are measured, from 1, or a few more where several are taken at once; about three seconds of them when left out. */
  readonly steps?: number | undefined;
  readonly signal?: AbortSignal;
}

/** What a training step costs on this machine. Times are milliseconds. */
export interface StepCost {
  readonly operations: OperationCounts;
  readonly compile: {
    /** Tracing, differentiating, passes. */
    readonly graph: number;
    /** Writing ONNX, and ONNX Runtime's own preparation. */
    readonly session: number;
  };
  readonly step: Times & { readonly rounds: number };
  /** By the median time. */
  readonly gflopPerSecond: number;
  /** Of the product of two 1024×1024 matrices, by its median time between the steps. */
  readonly ceilingGflopPerSecond: number;
  /** Of the ceiling, in [0, 1] but for noise. */
  readonly shareOfCeiling: number;
}

const mostRounds = 9;
const millisecondsARound = 300;
const productsARound = 3;

/** What a step costs, on its own. @throws LegendaError as `timeSteps` does */
export async function timeStep(drawn: DrawnStep, options: TimeOptions): Promise<StepCost> {
  const [cost] = await timeSteps([drawn], options);
  return cost!;
}

/**
 * Compiles steps and times them, in rounds in which they take turns with each other and with products of matrices: what disturbs
 * the machine for a while disturbs all of them.
 * @returns what each costs
 * @throws LegendaError when the runtime refuses a graph, or a loss is no number in the end: such a step's time would not be
 *   that of training
 */
export async function timeSteps(drawn: readonly DrawnStep[], options: TimeOptions): Promise<StepCost[]> {
  const { runtime, signal } = options;
  const compiled: CompiledStep[] = [];
  try {
    const most = options.steps ?? Number.POSITIVE_INFINITY;
    for (const step of drawn)
      compiled.push(await CompiledStep.compile(step, Math.min(step.stepsAtOnce, most), runtime));
    await using ceiling = await Ceiling.compile(runtime);
    await ceiling.multiply();
    const plans: (readonly number[])[] = [];
    for (const step of compiled) plans.push(await planOf(step, options));
    const rounds = Math.max(...plans.map(({ length }) => length));
    const [products = [], ...times] = await timeInRounds(
      [
        { once: () => ceiling.multiply(), times: new Array<number>(rounds).fill(productsARound) },
        ...compiled.map((step, i) => ({ once: () => step.train(), times: plans[i]! })),
      ],
      signal,
    );
    const ceilingGflopPerSecond = ceilingFlop / timesOf(products).median / 1e6;
    return compiled.map((step, i) =>
      step.costOf({ ...timesOfSteps(times[i]!, step.stepsAtOnce), rounds: plans[i]!.length }, ceilingGflopPerSecond),
    );
  } finally {
    for (const step of compiled) await step[Symbol.asyncDispose]();
  }
}

/** How often steps are taken at once in each round, after they have been a few times. */
async function planOf(step: CompiledStep, { steps, signal }: TimeOptions): Promise<number[]> {
  const [warm = []] = await timeInRounds([{ once: () => step.train(), times: [steps === undefined ? 3 : 1] }], signal);
  const runs = steps === undefined ? undefined : Math.ceil(steps / step.stepsAtOnce);
  const planned = runs ?? mostRounds * Math.max(1, Math.round(millisecondsARound / timesOf(warm).least));
  return spreadOver(Math.min(mostRounds, planned), planned);
}

/** @param times of so many steps each */
function timesOfSteps(times: readonly number[], steps: number): Times {
  const { median, least, greatest, count } = timesOf(times.map((time) => time / steps));
  return { median, least, greatest, count: count * steps };
}

class CompiledStep implements AsyncDisposable {
  readonly stepsAtOnce: number;
  readonly #drawn: DrawnStep;
  readonly #step: TrainingStep;
  readonly #sessionTime: number;
  /** For as many steps as are taken at once. */
  readonly #batches: Readonly<Record<string, Tensor>>;
  readonly #learningRates: readonly number[];
  #done = 0;
  #loss = 0;

  private constructor(drawn: DrawnStep, step: TrainingStep, sessionTime: number) {
    this.#drawn = drawn;
    this.#step = step;
    this.#sessionTime = sessionTime;
    const { feeds, learningRate } = drawn;
    const { stepsAtOnce } = step;
    this.stepsAtOnce = stepsAtOnce;
    const batches = Object.entries(feeds).map(([name, tensor]) => [name, repeated(tensor, stepsAtOnce)]);
    this.#batches = Object.fromEntries(batches);
    this.#learningRates = new Array<number>(stepsAtOnce).fill(learningRate);
  }

  static async compile(drawn: DrawnStep, stepsAtOnce: number, runtime: Runtime): Promise<CompiledStep> {
    const start = performance.now();
    const { definition, parameters } = drawn;
    const step = await TrainingStep.compile(runtime, definition, parameters, 1, { stepsAtOnce });
    return new CompiledStep(drawn, step, performance.now() - start);
  }

  /** Takes as many steps as a training takes at once. */
  async train(): Promise<void> {
    const { loss } = await this.#step.runSeveral(this.#done, this.#learningRates, this.#batches);
    this.#done += this.stepsAtOnce;
    this.#loss = Number(loss!.data.at(-1));
  }

  costOf(step: StepCost['step'], ceilingGflopPerSecond: number): StepCost {
    const { definition, graphTime, recipe } = this.#drawn;
    if (!Number.isFinite(this.#loss))
      throw new LegendaError(`${recipe}: the loss is ${this.#loss} after ${this.#done} steps, a number is expected`);
    const operations = countOperations(definition.graph);
    const gflopPerSecond = operations.flop / step.median / 1e6;
    return {
      operations,
      compile: { graph: graphTime, session: this.#sessionTime },
      step,
      gflopPerSecond,
      ceilingGflopPerSecond,
      shareOfCeiling: gflopPerSecond / ceilingGflopPerSecond,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#step[Symbol.asyncDispose]();
  }
}
