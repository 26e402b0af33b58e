import type { RunEvent } from '../train/events.js';
import type { StepProgress } from '../train/fit.js';
import { note, printJson, warn } from './frame/output.js';
import { formatDuration, type Progress, startProgress } from './progress.js';

/** Listeners for a training: a bar on standard error with loss and rate, a line an epoch, and events as JSON if asked. */
export function trainingProgress(
  label: string,
  json: boolean,
): Disposable & {
  readonly listeners: {
    readonly onEvent: (event: RunEvent) => void;
    readonly onStep: (progress: StepProgress) => void;
    readonly onWarning: (text: string) => void;
  };
} {
  let bar: Progress | undefined;
  const loss = new RecentMean(0.99);
  let drawn = 0;
  let first = { step: 0, time: 0 };
  const onStep = ({ step, steps, epoch, loss: now, learningRate }: StepProgress): void => {
    loss.add(now);
    const time = performance.now();
    if (bar === undefined) {
      bar = startProgress({ label, total: steps });
      first = { step, time };
    }
    if (time - drawn < 100) return;
    drawn = time;
    const rate = time > first.time ? (1000 * (step - first.step)) / (time - first.time) : 0;
    bar.update(
      step,
      `epoch ${epoch + 1}, loss ${loss.value.toFixed(4)}, lr ${learningRate.toPrecision(2)}, ${rate.toFixed(0)} steps/s`,
    );
  };
  const onEvent = (event: RunEvent): void => {
    if (json) printJson(event, { oneLine: true });
    if (event.type !== 'epoch') return;
    const { validation, trainLoss, seconds } = event;
    const measures = Object.entries(validation).map(([name, value]) => `${name} ${value?.toFixed(4)}`);
    note(
      `${label}: epoch ${event.epoch}, training loss ${trainLoss.toFixed(4)}, validation ${measures.join(', ')}, ` +
        formatDuration(1000 * seconds),
    );
  };
  return { listeners: { onEvent, onStep, onWarning: warn }, [Symbol.dispose]: () => bar?.stop() };
}

/** An exponential moving average that the first values do not hold back. */
class RecentMean {
  readonly #decay: number;
  #sum = 0;
  #weight = 0;

  constructor(decay: number) {
    this.#decay = decay;
  }

  add(value: number): void {
    this.#sum = this.#decay * this.#sum + value;
    this.#weight = this.#decay * this.#weight + 1;
  }

  get value(): number {
    return this.#sum / this.#weight;
  }
}
