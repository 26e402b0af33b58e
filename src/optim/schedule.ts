import { UsageError } from '../errors.js';

/** The learning rate of a step, counted from 0. */
export type Schedule = (step: number) => number;

/** The same rate for ever. @throws UsageError when it is not a number from 0 */
export function constantRate(rate: number): Schedule {
  checkRate(rate);
  return () => rate;
}

/**
 * The rate times `factor` after every `every` steps (PyTorch's `StepLR`): rate · factor^⌊step/every⌋.
 * @throws UsageError when rate or factor is not a number from 0, or `every` no whole number from 1
 */
export function stepRate(rate: number, every: number, factor: number): Schedule {
  checkRate(rate);
  if (!(Number.isFinite(factor) && factor >= 0))
    throw new UsageError(`stepRate: a factor from 0 is expected, ${factor} came`);
  checkSteps('stepRate', every, 1);
  return (step) => rate * factor ** Math.floor(step / every);
}

/**
 * Half a cosine from `rate` down to `final` over `steps` steps, then `final` (PyTorch's `CosineAnnealingLR`, which would
 * rise again; Loshchilov and Hutter, 2017): final + (rate - final)/2 · (1 + cos(π·step/steps)).
 * @throws UsageError when a rate is not a number from 0, or `steps` no whole number from 0
 */
export function cosineRate(rate: number, steps: number, final = 0): Schedule {
  checkRate(rate);
  checkRate(final);
  checkSteps('cosineRate', steps, 0);
  return (step) => final + ((rate - final) / 2) * (1 + Math.cos(Math.PI * Math.min(1, step / Math.max(1, steps))));
}

/**
 * A line from 1/steps of the schedule's first rate up to all of it over the first `steps`; the schedule then begins at its
 * step 0 (in PyTorch a `LinearLR` before it in a `SequentialLR`).
 * @throws UsageError when `steps` is no whole number from 0
 */
export function withWarmup(schedule: Schedule, steps: number): Schedule {
  checkSteps('withWarmup', steps, 0);
  return (step) => (step < steps ? (schedule(0) * (step + 1)) / steps : schedule(step - steps));
}

function checkRate(rate: number): void {
  if (!(Number.isFinite(rate) && rate >= 0)) throw new UsageError(`a learning rate from 0 is expected, ${rate} came`);
}

function checkSteps(name: string, steps: number, low: number): void {
  if (!Number.isSafeInteger(steps) || steps < low) {
    throw new UsageError(`${name}: a whole number of steps from ${low} is expected, ${steps} came`);
  }
}
