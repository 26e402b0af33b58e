import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { UsageError } from '../../errors.js';
import { fashionCnnBest } from '../fashion-cnn-best.js';
import type { RandomSearch } from './plan.js';
import { parseRanges } from './ranges.js';
import { type Grid, parseGrid, trialsOf } from './trials.js';

const plan = (grid: Grid, random?: RandomSearch, seed = 42) => ({
  ...{ recipe: fashionCnnBest, settings: { epochs: 3 }, grid, seed, dir: 'sweep' },
  ...(random && { random }),
});

const ranges = parseRanges(['lr=log:1e-4..1e-1', 'momentum=0.5..0.99', 'batch=int:8..64']);

describe('a grid is refused', () => {
  test.each([
    ['with a row without values', ['lr'], 'grid "lr": key=a,b,c is expected'],
    ['with an empty value', ['lr=1,,2'], 'grid "lr=1,,2": key=a,b,c is expected'],
    ['with a key twice', ['lr=1', 'lr=2'], 'grid: "lr" comes twice'],
    ['with a value twice', ['lr=0.1,1e-1'], 'grid: two trials would have the name "lr=0.1"'],
    ['with a key that is unknown', ['lt=1'], '"lt" (did you mean lr?) is no key of fashion-cnn-best'],
    ['with a key that objects have', ['__proto__=1'], '"__proto__" is no key of fashion-cnn-best'],
    ['with a seed that is none', ['seed=1.5'], 'seed: a whole number from 0 is expected, got 1.5'],
    ['for one value of several', ['lr=0.1,0'], 'lr: Too small: expected number to be >0, got 0'],
  ])('%s', (_, rows, message) => {
    const trials = () => trialsOf(plan(parseGrid(rows)));
    expect(trials).toThrow(UsageError);
    expect(trials).toThrow(message);
  });
});

describe('random search', () => {
  it('draws the same trials again, and more of them after those', () => {
    const few = trialsOf(
      plan(
        {
          hidden: [
            [6, 5],
            [7, 4],
          ],
        },
        { trials: 5, ranges },
      ),
    );
    expect(few).toHaveLength(5);
    expect(new Set(few.map(({ name }) => name)).size).toBe(5);
    for (const { name, settings, seed, dir } of few) {
      expect(name).toMatch(/^hidden=(6_5|7_4),lr=[\d.e-]+,momentum=0\.\d+,batch=\d+$/);
      expect(dir).toBe(`sweep/${name}`);
      expect(settings).toMatchObject({ epochs: 3 });
      expect(seed).toBe(42);
    }
    const many = trialsOf(
      plan(
        {
          hidden: [
            [6, 5],
            [7, 4],
          ],
        },
        { trials: 40, ranges },
      ),
    );
    expect(many.slice(0, 5)).toEqual(few);
    expect(new Set(many.map(({ settings }) => JSON.stringify(settings['hidden']))).size).toBe(2);
  });

  it('draws others under another seed, and no key changes what another draws', () => {
    const lrs = (...given: Parameters<typeof plan>) => trialsOf(plan(...given)).map(({ settings }) => settings['lr']);
    const random = { trials: 4, ranges };
    expect(lrs({}, random, 1)).not.toEqual(lrs({}, random, 2));
    const { lr } = ranges;
    expect(lrs({ flip: [0, 0.5] }, { trials: 4, ranges: { lr: lr! } })).toEqual(lrs({}, random));
  });

  it('draws keys of the same range apart', () => {
    const same = parseRanges(['flip=0..1', 'erase=0..1']);
    for (const { settings } of trialsOf(plan({}, { trials: 5, ranges: same })))
      expect(settings['flip']).not.toBe(settings['erase']);
  });

  it('takes seeds from the grid as a grid does', () => {
    const trials = trialsOf(plan({ seed: [1, 2] }, { trials: 8, ranges }));
    expect(new Set(trials.map(({ seed }) => seed))).toEqual(new Set([1, 2]));
    for (const { name, seed, settings } of trials) {
      expect(name.startsWith(`seed=${seed},`)).toBe(true);
      expect(settings).not.toHaveProperty('seed');
    }
  });

  it('draws no trial twice, whatever the number', () => {
    const pairs = { lr: [0.1, 0.2, 0.3], batch: [1, 2] };
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 6 }), (seed, trials) => {
        const names = trialsOf(plan(pairs, { trials, ranges: {} }, seed)).map(({ name }) => name);
        const all = trialsOf(plan(pairs, { trials: 6, ranges: {} }, seed)).map(({ name }) => name);
        expect(new Set(all).size).toBe(6);
        expect(all.slice(0, trials)).toEqual(names);
      }),
      { numRuns: 30 },
    );
  });

  it('is refused where there are too few to draw, a key comes as row and range, or the recipe takes no such value', () => {
    expect(() => trialsOf(plan({ lr: [0.1, 0.2] }, { trials: 3, ranges: {} }))).toThrow(
      'random: 3 different trials are expected, rows and ranges gave only 2',
    );
    expect(() => trialsOf(plan({ lr: [0.1] }, { trials: 3, ranges }))).toThrow(
      '"lr" has a row of the grid and a range: one of both is expected',
    );
    const wrong = { trials: 3, ranges: parseRanges(['dropout=1..2']) };
    expect(() => trialsOf(plan({}, wrong))).toThrow('dropout: Too big: expected number to be <1');
  });
});
