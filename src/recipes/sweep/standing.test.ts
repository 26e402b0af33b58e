import { describe, expect, it } from 'vitest';
import type { EndState, RunEvent } from '../../train/events.js';
import { standingOf } from './standing.js';

const time = '2026-01-01T00:00:00.000Z';
const rungs = [1, 3, 6];
const stepsAnEpoch = 10;

const start = (step: number): RunEvent => ({ type: 'start', time, step, epoch: step / 10, resumed: step > 0 });
const epoch = (number: number, accuracy: number): RunEvent[] => {
  const step = stepsAnEpoch * number;
  const measured = { trainLoss: 1, trainLossSinceStart: 1, learningRate: 1, seconds: 1 };
  return [
    { type: 'epoch', time, epoch: number, step, validation: { accuracy }, ...measured },
    { type: 'checkpoint', time, step, epoch: number, best: false },
  ];
};
const end = (step: number, state: EndState): RunEvent => ({ type: 'end', time, state, step, epoch: 0, seconds: 1 });

const standing = (events: readonly RunEvent[], select: 'last' | 'best' = 'last') =>
  standingOf(events, rungs, { measure: 'accuracy', select });

const first = [start(0), ...epoch(1, 0.5)];
const second = [start(10), ...epoch(2, 0.8), ...epoch(3, 0.7)];

describe('how far a trial has come', () => {
  it('is nowhere before it begins, and underway from then on', () => {
    expect(standing([])).toEqual({ scores: [], state: 'waiting' });
    expect(standing([start(0)])).toEqual({ scores: [], state: 'underway' });
    expect(standing([start(0), end(4, 'interrupted')])).toEqual({ scores: [], state: 'underway' });
    expect(standing([start(0), end(4, 'failed')])).toEqual({ scores: [], state: 'underway' });
  });

  it('is at a rung where it paused there, and underway to it where a kill came before it could say so', () => {
    expect(standing([...first, end(10, 'paused')])).toEqual({ scores: [0.5], state: 'paused' });
    const underway = { scores: [], state: 'underway' };
    for (const cut of [first.slice(0, -1), first, [...first, start(10)], [...first, end(10, 'interrupted')]]) {
      expect(standing(cut)).toEqual(underway);
    }
    const again = [...first, start(10), end(10, 'paused')];
    expect(standing(again)).toEqual({ scores: [0.5], state: 'paused' });
    const third = [...first, end(10, 'paused'), ...second];
    expect(standing(third)).toEqual({ scores: [0.5], state: 'underway' });
    expect(standing([...third, end(30, 'paused')])).toEqual({ scores: [0.5, 0.7], state: 'paused' });
  });

  it('is beyond a rung from when training was begun again', () => {
    const before = [...first, end(10, 'paused')];
    const underway = { scores: [0.5], state: 'underway' };
    expect(standing([...before, start(10)])).toEqual(underway);
    expect(standing([...before, start(10), end(10, 'interrupted')])).toEqual(underway);
    expect(standing([...before, start(10), end(14, 'interrupted')])).toEqual(underway);
    expect(standing([...before, start(10), ...epoch(2, 0.8)])).toEqual(underway);
  });

  it('has the score of each rung, as good as its last epoch there or as its best', () => {
    const events = [...first, end(10, 'paused'), ...second, end(30, 'paused')];
    expect(standing(events)).toEqual({ scores: [0.5, 0.7], state: 'paused' });
    expect(standing(events, 'best')).toEqual({ scores: [0.5, 0.8], state: 'paused' });
  });

  it('is at its end when it is done, or stopped early with what it is then', () => {
    const third = [start(30), ...epoch(4, 0.6), ...epoch(5, 0.9), ...epoch(6, 0.85)];
    const done = [...first, ...second, ...third, end(60, 'done')];
    expect(standing(done)).toEqual({ scores: [0.5, 0.7, 0.85], state: 'finished' });
    const early = [...first, ...second, start(30), ...epoch(4, 0.6), end(40, 'stopped-early')];
    expect(standing(early)).toEqual({ scores: [0.5, 0.7, 0.6], state: 'finished' });
    expect(standing(early, 'best')).toEqual({ scores: [0.5, 0.8, 0.8], state: 'finished' });
    const atRung = [...first, ...second, end(30, 'stopped-early')];
    expect(standing(atRung)).toEqual({ scores: [0.5, 0.7], state: 'finished' });
  });

  it('is underway to its end until that is written', () => {
    const all = [...first, ...second, start(30), ...epoch(4, 0.6), ...epoch(5, 0.9), ...epoch(6, 0.85)];
    const underway = { scores: [0.5, 0.7], state: 'underway' };
    expect(standing(all)).toEqual(underway);
    expect(standing([...all, end(60, 'failed')])).toEqual(underway);
  });

  it('is out where it diverged, or validation is no number', () => {
    expect(standing([...first, start(10), end(12, 'diverged')])).toEqual({ scores: [0.5], state: 'out' });
    expect(standing([start(0), ...epoch(1, Number.NaN)])).toEqual({ scores: [], state: 'out' });
  });
});
