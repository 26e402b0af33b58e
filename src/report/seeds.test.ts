import { describe, expect, it } from 'vitest';
import type { RunState } from '../train/events.js';
import { bySetup, measureOver, pointsOver } from './seeds.js';

const run = (setup: string, seed: number, values: readonly number[] = [], state: RunState = 'done') => ({
  setup,
  seed,
  state,
  epochs: values.map((value, i) => ({ epoch: i + 1, value })),
});

describe('bySetup', () => {
  it('puts seeds of one setup together, and a seed that comes again apart', () => {
    const groups = bySetup([run('a', 1), run('b', 1), run('a', 2), run('a', 1)]);
    expect(groups.map(({ runs }) => runs.map(({ setup, seed }) => `${setup}${seed}`))).toEqual([
      ['a1', 'a2'],
      ['b1'],
      ['a1'],
    ]);
  });

  it('counts no run that diverged, failed or is paused, unless there are no others', () => {
    const [one, other] = bySetup([
      run('a', 1, [], 'diverged'),
      run('a', 2),
      run('a', 3, [], 'paused'),
      run('b', 1, [], 'failed'),
      run('b', 2, [], 'diverged'),
    ]);
    expect(one!.counted.map(({ seed }) => seed)).toEqual([2]);
    expect(other!.counted).toHaveLength(2);
  });
});

describe('measureOver', () => {
  const last = ({ epochs }: ReturnType<typeof run>) => epochs.at(-1)?.value;

  it('is the mean with the standard deviation of the sample, of those that have the value', () => {
    const [group] = bySetup([run('a', 1, [1]), run('a', 2, [3]), run('a', 3)]);
    expect(measureOver(group!, last)).toEqual({ values: [1, 3], mean: 2, spread: Math.SQRT2 });
  });

  it('has no spread of one seed, and nothing of none', () => {
    expect(measureOver(bySetup([run('a', 1, [1])])[0]!, last)).toEqual({ values: [1], mean: 1, spread: undefined });
    expect(measureOver(bySetup([run('a', 1)])[0]!, last).mean).toBeUndefined();
  });
});

it('pointsOver is the mean as far as all seeds came, before each one by itself', () => {
  const value = (epoch: { readonly value: number }) => epoch.value;
  const [group] = bySetup([run('a', 1, [1, 2, 3]), run('a', 2, [3, 4])]);
  const { points, behind } = pointsOver(group!, value);
  expect(points).toEqual([
    { epoch: 1, value: 2 },
    { epoch: 2, value: 3 },
  ]);
  expect(behind?.map(({ length }) => length)).toEqual([3, 2]);
  expect(pointsOver(bySetup([run('a', 1, [1])])[0]!, value)).toEqual({ points: [{ epoch: 1, value: 1 }] });
});
