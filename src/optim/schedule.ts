import { UsageError } from '../errors.js';

/** The learning rate of a step, counted from 0. */
export type Schedule = (step: number) => number;

export const constantRate =
  (rate: number): Schedule =>
  () =>
    rate;

/** Times `factor` after every `every` steps (PyTorch's `StepLR`). */
export const stepRate =
  (rate: number, every: number, factor: number): Schedule =>
  (step) =>
    rate * factor ** Math.floor(step / every);

/** Half a cosine from `rate` to `final` over `steps` (Loshchilov and Hutter, 2017), then `final`. */
export const cosineRate =
  (rate: number, steps: number, final = 0): Schedule =>
  (step) =>
    final + ((rate - final) / 2) * (1 + Math.cos(Math.PI * Math.min(1, step / Math.max(1, steps))));

/** A line from rate/steps up to the schedule's own rate over the first `steps`; the schedule then begins at its step 0. */
export function withWarmup(schedule: Schedule, steps: number): Schedule {
  if (steps < 0) throw new UsageError(`warm-up: a number of steps from 0 is expected, ${steps} came`);
  return (step) => (step < steps ? (schedule(0) * (step + 1)) / steps : schedule(step - steps));
}
