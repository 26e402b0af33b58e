import { type MeasureName, type RunEvent, runState } from '../../train/events.js';
import type { Standing } from './halving.js';

/** By what trials are compared at a rung. */
export interface Yardstick {
  readonly measure: MeasureName;
  /** Whether a trial is as good as its last epoch, or as its best so far. */
  readonly select: 'last' | 'best';
}

/**
 * How far a trial of successive halving has come, by the events of its run.
 * @param events none before it is begun
 * @param rungs epochs of each
 */
export function standingOf(events: readonly RunEvent[], rungs: readonly number[], by: Yardstick): Standing {
  const epochs = events.filter((event) => event.type === 'epoch');
  const values = epochs.map(({ validation }) => validation[by.measure] ?? Number.NaN);
  const after = (count: number): number =>
    by.select === 'best' ? Math.max(...values.slice(0, count)) : values[count - 1]!;
  const reached = rungs.filter((epoch) => epoch <= values.length);
  const scores = finite(reached.map(after));
  const start = events.findLast((event) => event.type === 'start');
  const state = runState(events);
  if (start === undefined) return { scores, state: 'waiting' };
  if (state === 'diverged' || scores.length < reached.length) return { scores, state: 'out' };
  if (state === 'done' || state === 'stopped-early') {
    const final = values.length === reached.at(-1) ? [] : finite([after(values.length)]);
    return { scores: [...scores, ...final], state: 'finished' };
  }
  const isAtRung = values.length === reached.at(-1);
  const step = epochs.at(-1)?.step ?? 0;
  const hasPaused = isPausedAt(events, step);
  // all epochs are there, and what belongs to its end is not; or a kill came before the epoch was saved and the pause said
  const isUnsaid = scores.length === rungs.length || (isAtRung && !hasPaused && !isBeyond(events, step));
  if (isUnsaid) return { scores: scores.slice(0, -1), state: 'underway' };
  return { scores, state: isAtRung && hasPaused && state === 'paused' ? 'paused' : 'underway' };
}

/** Up to the first that is no number. */
function finite(scores: readonly number[]): number[] {
  const wrong = scores.findIndex((score) => !Number.isFinite(score));
  return wrong < 0 ? [...scores] : scores.slice(0, wrong);
}

const isPausedAt = (events: readonly RunEvent[], step: number): boolean =>
  events.some((event) => event.type === 'end' && event.state === 'paused' && event.step === step);

/** Whether a step was taken after one. */
const isBeyond = (events: readonly RunEvent[], step: number): boolean =>
  events.some((event) => 'step' in event && event.step > step);
