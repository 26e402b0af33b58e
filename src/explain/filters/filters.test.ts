import { describe, expect, it } from 'vitest';
import { FashionCnn } from '../../models/classifier.js';
import { initialParameters } from '../../nn/module.js';
import { tensor } from '../../tensor/tensor.js';
import { convolutionFilters, convolutionsIn } from './filters.js';
import { orientationSelectivity, selectivitiesOf } from './orientation.js';

describe('filters', () => {
  it('are those of every convolution, of the input channel that is asked for', () => {
    const parameters = initialParameters(new FashionCnn(), 1);
    const banks = convolutionFilters(parameters, 0);
    expect(banks.map(({ layer, kernels }) => [layer, kernels.length])).toEqual([
      ['conv1', 16],
      ['conv2', 32],
    ]);
    const { data } = parameters.get('conv2.weight')!;
    const third = convolutionsIn(parameters)[1]!;
    expect(third.shape).toEqual([32, 16, 3, 3]);
    expect(convolutionFilters(new Map([['conv2.weight', parameters.get('conv2.weight')!]]), 5)[0]!.kernels[2]).toEqual(
      [0, 3, 6].map((row) => [0, 1, 2].map((x) => data[(2 * 16 + 5) * 9 + row + x])),
    );
  });
});

describe('orientation selectivity', () => {
  it('is high for an edge or a bar, whatever its direction, and low for a blob', () => {
    const bar = [
      [-1, 2, -1],
      [-1, 2, -1],
      [-1, 2, -1],
    ];
    const lying = bar[0]!.map((_, x) => bar.map((row) => row[x]!));
    const edge = [
      [1, 1, 1],
      [0, 0, 0],
      [-1, -1, -1],
    ];
    const blob = [
      [1, 2, 1],
      [2, 4, 2],
      [1, 2, 1],
    ];
    expect(orientationSelectivity(bar)).toBeGreaterThan(0.3);
    expect(orientationSelectivity(lying)).toBeCloseTo(orientationSelectivity(bar), 10);
    expect(orientationSelectivity(edge)).toBeGreaterThan(0.3);
    expect(orientationSelectivity(blob)).toBeLessThan(0.05);
    expect(orientationSelectivity([[1]])).toBeCloseTo(0, 10);
  });

  it('does not depend on the scale, and is 0 for nothing', () => {
    const kernel = [
      [0.1, -0.2],
      [0.4, 0.3],
    ];
    const scaled = kernel.map((row) => row.map((weight) => -7 * weight));
    expect(orientationSelectivity(scaled)).toBeCloseTo(orientationSelectivity(kernel), 10);
    expect(orientationSelectivity([[0, 0]])).toBe(0);
  });

  it('is measured for every pair of filter and channel', () => {
    const data = Float32Array.of(1, -1, 0, 0, 5, -5, 0, 0);
    const found = selectivitiesOf({ layer: 'conv', ...tensor('float32', [2, 2, 1, 2], data) });
    expect(found).toHaveLength(4);
    expect(found[0]).toBeCloseTo(found[2]!, 10);
    expect(found[1]).toBe(0);
  });
});
