import type { Measures, RunEvent, RunState } from '../../train/events.js';
import { EventFollower } from '../../train/follow-events.js';
import { type LossBucket, LossCurve } from './loss-curve.js';

/** One epoch, as pages draw it. */
export interface EpochPoint {
  readonly epoch: number;
  readonly step: number;
  readonly trainLoss: number;
  readonly validation: Measures;
  readonly seconds: number;
}

/** What has happened in a run so far. */
export interface RunProgress {
  readonly state: RunState | 'waiting';
  readonly step: number;
  readonly epochs: readonly EpochPoint[];
  readonly losses: readonly LossBucket[];
  readonly learningRate: number | null;
  readonly stepsPerSecond: number | null;
  readonly test: Measures | null;
  /** The step of the last checkpoint. */
  readonly saved: number | null;
  /** The step of the best checkpoint. */
  readonly best: number | null;
  /** Why it ended. */
  readonly message: string | null;
  /** When it was last heard of, as an ISO time. */
  readonly heard: string | null;
}

const begun = {
  ...{ state: 'waiting' as RunProgress['state'], step: 0, learningRate: null as number | null },
  ...{ stepsPerSecond: null as number | null, test: null as Measures | null, best: null as number | null },
  ...{ message: null as string | null, heard: null as string | null, saved: null as number | null },
};

/** Follows a run's events and keeps what pages need of them; memory does not grow with the training. */
export class RunHistory {
  readonly #follower: EventFollower;
  #curve = new LossCurve();
  #epochs: EpochPoint[] = [];
  #last = { ...begun };
  /** Raised by every change. */
  version = 0;

  constructor(dir: string) {
    this.#follower = new EventFollower(dir);
  }

  get progress(): RunProgress {
    return { ...this.#last, epochs: this.#epochs, losses: this.#curve.points() };
  }

  /** Reads what has come; where it cannot be read, that is the run's message. */
  async update(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      const { message } = error as Error;
      if (message === this.#last.message) return;
      this.#last.message = message;
      this.version++;
    }
  }

  async #read(): Promise<void> {
    for (;;) {
      const { events, anew } = await this.#follower.more();
      if (anew) this.#begin();
      if (events.length === 0) return;
      this.version++;
      for (const event of events) {
        if (event.type === 'start' && event.step < this.#last.step) this.#rewind(event.step);
        this.#take(event);
      }
    }
  }

  #begin(): void {
    this.#curve = new LossCurve();
    this.#epochs = [];
    this.#last = { ...begun };
    this.version++;
  }

  #take(event: RunEvent): void {
    const last = this.#last;
    last.heard = event.time;
    if ('step' in event) last.step = event.step;
    if (event.type === 'start') [last.state, last.message] = ['running', null];
    if (event.type === 'train') {
      this.#curve.add(event.step, event.loss);
      last.learningRate = event.learningRate;
      last.stepsPerSecond = event.stepsPerSecond;
    }
    if (event.type === 'epoch') {
      const { epoch, step, trainLoss, validation, seconds } = event;
      this.#epochs.push({ epoch, step, trainLoss, validation, seconds });
    }
    if (event.type === 'checkpoint') last.saved = event.step;
    if (event.type === 'checkpoint' && event.best) last.best = event.step;
    if (event.type === 'test') {
      const { type: _, time: __, checkpoint: ___, ...measures } = event;
      last.test = measures;
    }
    if (event.type === 'end') {
      last.state = event.state;
      last.message = event.message ?? null;
    }
  }

  /** What came after a step happened to a model that is gone. */
  #rewind(step: number): void {
    this.#curve.rewind(step);
    this.#epochs = this.#epochs.filter((epoch) => epoch.step <= step);
    if (this.#last.best !== null && this.#last.best > step) this.#last.best = null;
  }
}
