import { expect, it } from 'vitest';
import { reproductionFixture } from '../../test/support/reproduction.js';
import { toldApart } from './told-apart.js';

const [usual] = reproductionFixture().classifier.runs;
const run = (dir: string, configuration: Record<string, unknown>, seed = 1) => ({
  ...usual!,
  ...{ dir, seed, configuration, learningRate: configuration['lr'] as number, setup: JSON.stringify(configuration) },
});

const textsOf = (runs: ReturnType<typeof run>[]) => runs.map((own) => toldApart(runs).get(own));

it('names the settings that differ, and neither the rate nor what all have', () => {
  expect(
    textsOf([run('a', { lr: 0.1, batch: 8, select: 'best' }), run('b', { lr: 0.1, batch: 9, select: 'last' })]),
  ).toEqual(['batch=8, select=best', 'batch=9, select=last']);
  expect(textsOf([run('a', { lr: 0.1, dropout: 0 }), run('b', { lr: 0.1 })])).toEqual(['dropout=0', undefined]);
});

it('is empty where runs differ in rates and seeds alone', () => {
  const runs = [run('a', { lr: 0.1 }), run('b', { lr: 0.01 }), run('c', { lr: 0.1 }, 2)];
  expect(toldApart(runs).size).toBe(0);
});

it('names folders where the settings are the same, in full where their names are too', () => {
  expect(textsOf([run('x/a', { lr: 0.1 }), run('x/b', { lr: 0.1 }), run('c', { lr: 0.2 })])).toEqual([
    'a',
    'b',
    undefined,
  ]);
  expect(textsOf([run('x/a', { lr: 0.1 }), run('y/a', { lr: 0.1 })])).toEqual(['x/a', 'y/a']);
});
