import { UsageError } from '../errors.js';
import { constantRate, cosineRate, type Schedule, stepRate, withWarmup } from '../optim/schedule.js';

/** The keys of a configuration that make a schedule. */
export interface ScheduleSettings {
  readonly lr: number;
  readonly schedule: 'constant' | 'step' | 'cosine';
  readonly epochs: number;
  readonly warmupEpochs: number;
}

/** @throws UsageError when the warm-up is longer than the training */
export function scheduleOf({ lr, schedule, epochs, warmupEpochs }: ScheduleSettings, stepsAnEpoch: number): Schedule {
  const warmup = Math.round(warmupEpochs * stepsAnEpoch);
  const steps = epochs * stepsAnEpoch - warmup;
  if (steps < 0) throw new UsageError(`warmupEpochs: at most the ${epochs} epochs are expected, ${warmupEpochs} came`);
  const main = {
    constant: () => constantRate(lr),
    step: () => stepRate(lr, Math.max(1, Math.ceil(steps / 3)), 0.1),
    cosine: () => cosineRate(lr, steps),
  }[schedule]();
  return warmup > 0 ? withWarmup(main, warmup) : main;
}
