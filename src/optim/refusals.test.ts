import { expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { adam, adamW, sgd } from './optimisers.js';
import { constantRate, cosineRate, stepRate, withWarmup } from './schedule.js';

it.each<[() => unknown, string]>([
  [() => sgd({ momentum: 1 }), 'momentum: a number in [0, 1) is expected, 1 came'],
  [() => sgd({ momentum: Number.NaN }), 'momentum: a number in [0, 1) is expected, NaN came'],
  [() => sgd({ weightDecay: -0.1 }), 'weightDecay: a number from 0 is expected, -0.1 came'],
  [() => sgd({ nesterov: true }), 'sgd: nesterov needs a momentum above 0'],
  [() => sgd({ clipNorm: 0 }), 'clipNorm: a number above 0 is expected, 0 came'],
  [() => adam({ betas: [0.9, 1] }), 'betas[1]: a number in [0, 1) is expected, 1 came'],
  [() => adamW({ betas: [-1, 0.9] }), 'betas[0]: a number in [0, 1) is expected, -1 came'],
  [() => adam({ eps: -1 }), 'eps: a number from 0 is expected, -1 came'],
  [() => adamW({ weightDecay: Number.NaN }), 'weightDecay: a number from 0 is expected, NaN came'],
  [() => constantRate(-1), 'a learning rate from 0 is expected, -1 came'],
  [() => constantRate(Number.POSITIVE_INFINITY), 'a learning rate from 0 is expected, Infinity came'],
  [() => stepRate(0.1, 0, 0.5), 'stepRate: a whole number of steps from 1 is expected, 0 came'],
  [() => stepRate(0.1, 10, Number.NaN), 'stepRate: a factor from 0 is expected, NaN came'],
  [() => cosineRate(0.1, 2.5), 'cosineRate: a whole number of steps from 0 is expected, 2.5 came'],
  [() => cosineRate(0.1, 10, -1), 'a learning rate from 0 is expected, -1 came'],
  [() => withWarmup(constantRate(1), -1), 'withWarmup: a whole number of steps from 0 is expected, -1 came'],
])('%s is refused', (make, message) => {
  expect(make).toThrow(UsageError);
  expect(make).toThrow(message);
});

it('a cosine stays at its end', () => {
  const rate = cosineRate(1, 4, 0.5);
  expect([0, 2, 4, 5, 1000].map(rate)).toEqual([1, 0.75, 0.5, 0.5, 0.5]);
  expect(cosineRate(1, 0)(0)).toBe(1);
});
