import { describe, expect, it, test } from 'vitest';
import { UsageError } from '../../errors.js';
import { fashionCnn } from '../fashion-cnn.js';
import type { Halving } from './plan.js';
import { parseRanges } from './ranges.js';
import { halvingRule } from './rule.js';
import type { Grid } from './trials.js';

const plan = (halving: Partial<Halving>, epochs = 27, grid: Grid = {}) => ({
  ...{ recipe: fashionCnn, settings: { epochs }, grid, seed: 1 },
  halving: { mode: 'synchronous', eta: 3, minEpochs: 1, ...halving } as const,
});

describe('rungs', () => {
  test.each([
    ['powers of eta up to the epochs of the recipe', {}, 27, { rungs: [1, 3, 9, 27], eta: 3 }],
    ['its epochs at last, whatever they are', {}, 15, { rungs: [1, 3, 9, 15], eta: 3 }],
    ['from the epochs that are wanted', { minEpochs: 2, eta: 2 }, 12, { rungs: [2, 4, 8, 12], eta: 2 }],
    ['two at least', { minEpochs: 14 }, 15, { rungs: [14, 15], eta: 3 }],
  ])('are %s', (_, halving, epochs, rule) => {
    expect(halvingRule(plan(halving, epochs), 27)).toEqual({ mode: 'synchronous', ...rule });
  });

  it('are none without halving', () => {
    const { halving: _, ...whole } = plan({});
    expect(halvingRule(whole, 27)).toBeUndefined();
  });
});

describe('halving is refused', () => {
  const refused = (of: Parameters<typeof halvingRule>[0], trials: number, message: string) => {
    expect(() => halvingRule(of, trials)).toThrow(UsageError);
    expect(() => halvingRule(of, trials)).toThrow(message);
  };

  it('when the trials are too few for one to come to its end, with what would do', () => {
    const message =
      'halving: with rungs of 1, 3, 9 and 27 epochs, after which one trial in 3 goes on, at least 27 trials are expected, ' +
      'or a first rung of 9 epochs; 8 came';
    refused(plan({}), 8, message);
    expect(halvingRule(plan({ minEpochs: 9 }), 8)?.rungs).toEqual([9, 27]);
    refused(plan({}, 15), 26, 'or a first rung of 2 epochs; 26 came');
    expect(halvingRule(plan({ minEpochs: 2 }, 15), 26)?.rungs).toEqual([2, 6, 15]);
    refused(plan({}, 3), 2, 'at least 3 trials are expected; 2 came');
  });

  it('when nothing is left to halve', () => {
    refused(plan({ minEpochs: 27 }), 27, 'the first rung is to have fewer than the 27 epochs of fashion-cnn, not 27');
  });

  it('when epochs are varied', () => {
    const message = 'epochs: halving decides how many a trial has';
    refused(plan({}, 27, { epochs: [1, 2] }), 27, message);
    refused({ ...plan({}), random: { trials: 27, ranges: parseRanges(['epochs=int:1..5']) } }, 27, message);
  });
});
