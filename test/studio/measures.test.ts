import { expect, it } from 'vitest';
import { bestOf, canResume, stateOf } from '../../apps/studio/src/measures.js';
import type { RunAnswer } from '../../src/serve/studio/run-answers.js';

type State = RunAnswer['progress']['state'];

const run = (state: State, ...accuracies: readonly number[]): RunAnswer =>
  ({
    ...{ kind: 'classifier', select: 'last', own: false },
    progress: { state, epochs: accuracies.map((accuracy) => ({ validation: { accuracy } })) },
  }) as unknown as RunAnswer;

it('the best run of a sweep is none that was paused while others went on', () => {
  const [halted, done, worse] = [run('paused', 0.9), run('done', 0.5, 0.6), run('done', 0.5, 0.4)];
  expect(bestOf([halted, done, worse])).toBe(done);
  const further = run('paused', 0.5, 0.7);
  expect(bestOf([halted, further, run('paused', 0.5, 0.6)])).toBe(further);
  const early = run('running', 0.95);
  expect(bestOf([early, done])).toBe(early);
  expect(bestOf([done])).toBeUndefined();
  expect(bestOf([run('waiting'), run('running')])).toBeUndefined();
});

it('a run that is paused says so, and can be gone on with', () => {
  expect(stateOf(run('paused', 0.9), 0)).toBe('paused');
  expect(canResume(run('paused', 0.9), 0)).toBe(true);
});

it('a run that may have been killed says for how long nothing was heard of it', () => {
  const heard = '2026-01-01T00:00:00Z';
  const later = (minutes: number) => Date.parse(heard) + 60_000 * minutes;
  const silent = { ...run('running'), progress: { ...run('running').progress, heard } };
  expect([stateOf(silent, later(4)), canResume(silent, later(4))]).toEqual(['running', false]);
  expect([stateOf(silent, later(6)), canResume(silent, later(6))]).toEqual(['not heard of for 6 minutes', true]);
  expect(stateOf(silent, later(300))).toBe('not heard of for 5 hours');
  expect(stateOf(silent, later(10_000))).toBe('not heard of for 6 days');
  expect(stateOf({ ...silent, own: true }, later(300))).toBe('running');
});
