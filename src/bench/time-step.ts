import { LegendaError } from '../errors.js';
import type { Runtime } from '../runtime/session.js';
import { TrainingStep } from '../train/step.js';
import { Ceiling, ceilingFlop } from './ceiling.js';
import type { DrawnStep } from './drawn-step.js';
import { countOperations, type OperationCounts } from './operation-counts.js';
import { spreadOver, type Times, timeInRounds, timesOf } from './rounds.js';

export interface TimeOptions {
  readonly runtime: Runtime;
  /** Steps that are measured, from 1; about three seconds of them when left out. */
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

/**
 * Compiles a step and times it, in rounds with products of matrices between them.
 * @throws LegendaError when the runtime refuses the graph, or the loss is no number in the end: such a step's time would not
 *   be that of training
 */
export async function timeStep(drawn: DrawnStep, { runtime, steps, signal }: TimeOptions): Promise<StepCost> {
  const { definition, parameters, feeds, learningRate, graphTime } = drawn;
  const start = performance.now();
  await using step = await TrainingStep.compile(runtime, definition, parameters, 1);
  const sessionTime = performance.now() - start;
  await using ceiling = await Ceiling.compile(runtime);

  let done = 0;
  let loss = 0;
  const train = async () => {
    const results = await step.run(done++, learningRate, feeds);
    loss = Number(results['loss']!.data[0]);
  };
  await ceiling.multiply();
  const [warm = []] = await timeInRounds([{ once: train, times: [steps === undefined ? 3 : 1] }], signal);
  const planned = steps ?? mostRounds * Math.max(1, Math.round(millisecondsARound / Math.min(...warm)));
  const rounds = Math.min(mostRounds, planned);
  const [times = [], products = []] = await timeInRounds(
    [
      { once: train, times: spreadOver(rounds, planned) },
      { once: () => ceiling.multiply(), times: new Array<number>(rounds).fill(productsARound) },
    ],
    signal,
  );
  if (!Number.isFinite(loss)) throw new LegendaError(`the loss is ${loss} after ${done} steps: a number is expected`);

  const operations = countOperations(definition.graph);
  const measured = timesOf(times);
  const gflopPerSecond = operations.flop / measured.median / 1e6;
  const ceilingGflopPerSecond = ceilingFlop / timesOf(products).median / 1e6;
  return {
    operations,
    compile: { graph: graphTime, session: sessionTime },
    step: { ...measured, rounds },
    gflopPerSecond,
    ceilingGflopPerSecond,
    shareOfCeiling: gflopPerSecond / ceilingGflopPerSecond,
  };
}
