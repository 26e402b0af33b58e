import type { Schedule } from '../optim/schedule.js';
import type { Runtime } from '../runtime/session.js';
import type { Tensor } from '../tensor/tensor.js';
import type { MeasureName, Measures } from './events.js';

/** What a run trains and how that is judged: everything that the loop itself does not decide. */
export interface Task<Scores> {
  /** Steps an epoch. */
  readonly batches: number;
  readonly epochs: number;
  /** By step. */
  readonly schedule: Schedule;
  /** Stop after this many epochs without a better validation. */
  readonly patience?: number;
  /** Which parameters are tested and shipped: the last, or those that did best on validation. */
  readonly select: 'last' | 'best';
  /** By which epochs are compared; larger is better. */
  readonly measure: Exclude<MeasureName, 'loss'>;
  /** The numbers of some scores, for the record. */
  measures(scores: Scores): Measures;
  /**
   * Compiles what training and judging need.
   * @param state to go on from, or parameters to begin with; the task's own first parameters when left out
   */
  open(runtime: Runtime, state: ReadonlyMap<string, Tensor> | undefined): Promise<OpenTask<Scores>>;
}

/** A task in one process. */
export interface OpenTask<Scores> extends AsyncDisposable {
  /** Parameters and the optimiser's state. Valid until the next step. */
  state(): Promise<ReadonlyMap<string, Tensor>>;
  /** The most that `steps` takes. */
  readonly stepsAtOnce: number;
  /**
   * Takes steps of one epoch.
   * @param first where the first of them stands
   * @param learningRates of each
   * @returns the loss of each
   */
  steps(first: Place, learningRates: readonly number[]): Promise<readonly number[]>;
  /** @param parameters by name; more may be there */
  validate(parameters: ReadonlyMap<string, Tensor>): Promise<Scores>;
  /** Absent where the data has no test split. */
  readonly test?: (parameters: ReadonlyMap<string, Tensor>) => Promise<Scores>;
}

/** Where a step stands; all three count from 0. */
export interface Place {
  readonly step: number;
  readonly epoch: number;
  readonly batch: number;
}
