/** PyTorch's default distributions, by the bounds and moments that its documentation gives. */
import { describe, expect, it } from 'vitest';
import { BatchNorm2d } from './batch-norm2d.js';
import { Conv2d } from './conv2d.js';
import { Embedding } from './embedding.js';
import { LayerNorm } from './layer-norm.js';
import { Linear } from './linear.js';
import { initialParameters, type Module } from './module.js';

const values = (layer: Module, name: string): Float32Array =>
  initialParameters(layer, 3).get(name)!.data as Float32Array;
const mean = (data: Float32Array): number => data.reduce((sum, value) => sum + value, 0) / data.length;
const moment = (data: Float32Array, power: number): number => {
  const centre = mean(data);
  return data.reduce((sum, value) => sum + (value - centre) ** power, 0) / data.length;
};

/** Five standard errors of the mean and of the variance. */
function expectUniform(data: Float32Array, bound: number): void {
  const spread = bound / Math.sqrt(3);
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeLessThanOrEqual(Math.fround(bound));
  expect(largest).toBeGreaterThan(bound * (1 - 20 / data.length));
  expect(Math.abs(mean(data))).toBeLessThan((5 * spread) / Math.sqrt(data.length));
  const variance = moment(data, 2) / spread ** 2;
  expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(0.8 / data.length));
}

describe('weights and biases are uniform within 1/√fan-in', () => {
  it.each<[string, Module, number]>([
    ['Linear', new Linear(50, 400), 50],
    ['Conv2d', new Conv2d(6, 200, [3, 5]), 6 * 15],
    ['Conv2d with groups', new Conv2d(12, 300, 3, { groups: 3 }), 4 * 9],
    ['a depthwise Conv2d', new Conv2d(300, 300, 5, { groups: 300 }), 25],
  ])('%s', (_, layer, fanIn) => {
    expectUniform(values(layer, 'weight'), 1 / Math.sqrt(fanIn));
    expectUniform(values(layer, 'bias'), 1 / Math.sqrt(fanIn));
  });
});

it('an embedding is standard normal', () => {
  const data = values(new Embedding(300, 101), 'weight');
  expect(Math.abs(mean(data))).toBeLessThan(5 / Math.sqrt(data.length));
  expect(Math.abs(moment(data, 2) - 1)).toBeLessThan(5 * Math.sqrt(2 / data.length));
  // a uniform distribution's would be 1.8
  expect(Math.abs(moment(data, 4) - 3)).toBeLessThan(0.4);
});

it('normalisations change nothing at first', () => {
  const state = (layer: Module) =>
    Object.fromEntries([...initialParameters(layer, 1)].map(([name, { data }]) => [name, [...(data as Float32Array)]]));
  expect(state(new BatchNorm2d(2))).toEqual({
    weight: [1, 1],
    bias: [0, 0],
    running_mean: [0, 0],
    running_var: [1, 1],
  });
  expect(state(new LayerNorm([1, 2]))).toEqual({ weight: [1, 1], bias: [0, 0] });
});

it('layers without inputs or outputs are legal', () => {
  expect(values(new Linear(0, 2), 'bias')).toEqual(new Float32Array(2));
  expect(values(new Linear(2, 0), 'weight')).toHaveLength(0);
});
