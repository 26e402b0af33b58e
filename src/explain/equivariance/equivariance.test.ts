import { describe, expect, it } from 'vitest';
import { Flatten, ReLU } from '../../nn/activation.js';
import { Conv2d } from '../../nn/conv2d.js';
import { Linear } from '../../nn/linear.js';
import { initialParameters } from '../../nn/module.js';
import { AvgPool2d, MaxPool2d } from '../../nn/pool.js';
import { Sequential } from '../../nn/sequential.js';
import { nodeRuntime } from '../../runtime/node.js';
import { fillUniform, stream } from '../../tensor/random.js';
import { InferenceModel } from '../../train/inference.js';
import { accuracyByShift } from './accuracy.js';
import { examineEquivariance } from './examine.js';
import { equivarianceError } from './layer-error.js';
import { shiftPlanes, shiftsUpTo } from './shift.js';

const runtime = nodeRuntime({ threads: 1 });
const images = (...shape: number[]) => {
  const size = shape.reduce((product, side) => product * side, 1);
  return { shape, data: fillUniform(stream(3, 'images'), new Float32Array(size), -1, 1) };
};

describe('a shift', () => {
  it('moves planes, and brings in zeros', () => {
    const planes = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    expect([...shiftPlanes(planes, 2, 3, [0, 1])]).toEqual([0, 1, 2, 0, 4, 5, 0, 7, 8, 0, 10, 11]);
    expect([...shiftPlanes(planes, 2, 3, [-1, -1])]).toEqual([5, 6, 0, 0, 0, 0, 11, 12, 0, 0, 0, 0]);
    expect([...shiftPlanes(planes, 2, 3, [0, 3])]).toEqual(Array(12).fill(0));
    expect([...shiftPlanes(planes, 2, 3, [0, 0])]).toEqual([...planes]);
    expect(shiftsUpTo(1)).toHaveLength(9);
  });
});

describe('layers', () => {
  const model = new Sequential({
    conv: new Conv2d(2, 3, 3, { padding: 1 }),
    relu: new ReLU(),
    max: new MaxPool2d(2),
    dilated: new Conv2d(3, 4, [3, 2], { dilation: 2, padding: [2, 0], bias: false }),
    mean: new AvgPool2d(3, { stride: 1 }),
    strided: new Conv2d(4, 2, 2, { stride: 2 }),
    flatten: new Flatten(),
    linear: new Linear(4, 3),
  });

  it('that are convolutions are equivariant, and those with strides for shifts that these divide', async () => {
    const parameters = initialParameters(model, 1);
    const found = await examineEquivariance(model, images(3, 2, 14, 14), parameters, { runtime });
    expect(found.map(({ path, type, stride }) => [path, type, ...stride])).toEqual([
      ['conv', 'Conv2d', 1, 1],
      ['relu', 'ReLU', 1, 1],
      ['max', 'MaxPool2d', 2, 2],
      ['dilated', 'Conv2d', 1, 1],
      ['mean', 'AvgPool2d', 1, 1],
      ['strided', 'Conv2d', 2, 2],
    ]);
    for (const { path, stride, ofWholePlaces, ofAll } of found) {
      expect(ofWholePlaces, path).toBeLessThan(1e-5);
      if (stride[0] === 1) expect(ofAll, path).toBeLessThan(1e-5);
      else expect(ofAll, path).toBeGreaterThan(0.05);
    }
    // a shift of 3 leaves no window of 3 in a picture of 5
    const errors = found.find(({ path }) => path === 'mean')!.errors;
    expect(errors).toHaveLength(49);
    expect(errors.filter(({ error }) => error === undefined).length).toBeGreaterThan(0);
  });

  it('are none in a network of linear layers', async () => {
    const linear = new Sequential({ flatten: new Flatten(), linear: new Linear(8, 3) });
    const shown = images(2, 2, 2, 2);
    expect(await examineEquivariance(linear, shown, initialParameters(linear, 1), { runtime })).toEqual([]);
  });

  it('that know where they are, are not', () => {
    const plain = { shape: [1, 1, 4, 4], data: Float32Array.from({ length: 16 }, (_, i) => i) };
    const geometry = [
      { size: 1, stride: 1, pad: 0 },
      { size: 1, stride: 1, pad: 0 },
    ] as const;
    const same = equivarianceError(plain, plain, geometry, [4, 4], [1, 0]);
    expect(same).toBeCloseTo(4 / 15, 12);
    expect(equivarianceError(plain, plain, geometry, [4, 4], [4, 0])).toBeUndefined();
    const nothing = { ...plain, data: new Float32Array(16) };
    expect(equivarianceError(nothing, nothing, geometry, [4, 4], [1, 1])).toBe(0);
  });
});

it('accuracy is measured under every shift', async () => {
  const model = new Sequential({ flatten: new Flatten(), linear: new Linear(4, 2, { bias: false }) });
  // the class is the column that is brighter
  const weight = { dtype: 'float32', shape: [2, 4], data: Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1) } as const;
  const parameters = new Map([['linear.weight', weight]]);
  const shown = { shape: [2, 1, 2, 2], data: Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1) };
  await using inference = await InferenceModel.compile(runtime, model, { dtype: 'float32', shape: shown.shape });
  const found = await accuracyByShift(inference, parameters, shown, [0, 1], 1);
  const of = (down: number, right: number) =>
    found.find(({ shift }) => shift[0] === down && shift[1] === right)!.accuracy;
  expect(of(0, 0)).toBe(1);
  expect(of(1, 0)).toBe(1);
  // the bright column moves over, or out
  expect([of(0, 1), of(0, -1)]).toEqual([0, 0.5]);
});
