import { describe, expect, it } from 'vitest';
import type { Value } from '../../graph/graph.js';
import { Flatten, ReLU } from '../../nn/activation.js';
import { Conv2d } from '../../nn/conv2d.js';
import { Linear } from '../../nn/linear.js';
import { initialParameters, Module } from '../../nn/module.js';
import { MaxPool2d } from '../../nn/pool.js';
import { Sequential } from '../../nn/sequential.js';
import type { Trace } from '../../nn/trace.js';
import { add } from '../../ops/build.js';
import { nodeRuntime } from '../../runtime/node.js';
import { fillUniform, stream } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import { examineLayers } from './examine.js';
import { LayerOutputs } from './layer-outputs.js';
import { boxAt } from './receptive-field.js';
import { classSelectivity } from './selectivity.js';

const runtime = nodeRuntime({ threads: 1 });

const model = new Sequential({
  conv: new Conv2d(1, 3, 3, { padding: 1 }),
  relu: new ReLU(),
  pool: new MaxPool2d(2),
  top: new Conv2d(3, 2, 3),
  flatten: new Flatten(),
  linear: new Linear(8, 2),
});

/** An image beside itself: two ways to the input. */
class Residual extends Module {
  readonly conv = new Conv2d(1, 1, 3, { padding: 1 });
  readonly relu = new ReLU();

  protected forward(x: Value, trace: Trace): Value {
    return this.relu.call(add(x, this.conv.call(x, trace)), trace);
  }
}

const pixels = (images: number) => fillUniform(stream(1, 'images'), new Float32Array(images * 64), -1, 1);

describe('layers', () => {
  it('give what they give, with what a place of them sees', async () => {
    const parameters = initialParameters(model, 1);
    await using outputs = await LayerOutputs.compile(runtime, model, [2, 1, 8, 8], parameters);
    expect(outputs.layers.map(({ path, type, shape }) => [path, type, ...shape])).toEqual([
      ['conv', 'Conv2d', 2, 3, 8, 8],
      ['relu', 'ReLU', 2, 3, 8, 8],
      ['pool', 'MaxPool2d', 2, 3, 4, 4],
      ['top', 'Conv2d', 2, 2, 2, 2],
      ['flatten', 'Flatten', 2, 8],
      ['linear', 'Linear', 2, 2],
    ]);
    const found = await outputs.run(pixels(2));
    expect(found.get('relu')).toEqual(found.get('conv')!.map((value) => Math.max(value, 0)));
    const field = outputs.layers[3]!.field!;
    expect(field[0]).toEqual({ size: 8, stride: 2, pad: 1 });
    expect(boxAt(field, [0, 1], [8, 8])).toEqual({ top: 0, left: 1, bottom: 7, right: 8 });
    expect(outputs.layers[5]!.field).toBeUndefined();
  });

  it('of which a place sees more than one square have no field', async () => {
    const residual = new Residual();
    await using outputs = await LayerOutputs.compile(runtime, residual, [1, 1, 8, 8], initialParameters(residual, 1), [
      'conv',
      'relu',
    ]);
    expect(outputs.layers.map(({ field }) => field?.[0].size)).toEqual([3, undefined]);
  });

  it('that are not there, or are no layers, are refused by name', async () => {
    const parameters = initialParameters(model, 1);
    const compile = (path: string) => LayerOutputs.compile(runtime, model, [1, 1, 8, 8], parameters, [path]);
    await expect(compile('conv7')).rejects.toThrow('no layer "conv7"; there are conv, relu, pool');
    await expect(compile('')).rejects.toThrow('"" is no layer with channels of its own');
  });
});

describe('what excites channels', () => {
  it('is what one finds by looking at every image', async () => {
    const parameters = initialParameters(model, 2);
    const shape = [4, 1, 8, 8];
    const all = pixels(10);
    const labels = [0, 1, 1, 0, 2, 2, 1, 0, 1, 2];
    // the last batch has two images and two of padding, which must not count
    const batches = [0, 4, 8].map((from) => {
      const batch = new Float32Array(4 * 64).fill(9);
      batch.set(all.subarray(from * 64, Math.min(from + 4, 10) * 64));
      return { pixels: batch, labels: labels.slice(from, from + 4) };
    });
    const options = { runtime, classes: 4, top: 3 };
    const found = await examineLayers(model, shape, batches, parameters, options);
    await using outputs = await LayerOutputs.compile(runtime, model, [10, 1, 8, 8], parameters, ['top']);
    const whole = (await outputs.run(all)).get('top')!;
    const top = found.find(({ path }) => path === 'top')!;
    for (const [channel, { exciting, classMeans, selectivity }] of top.channels.entries()) {
      const places = labels.map((_, image) => [
        ...whole.subarray((image * 2 + channel) * 4, (image * 2 + channel + 1) * 4),
      ]);
      const peaks = places.map((values, image) => ({ image, value: Math.max(...values) }));
      const order = [...peaks].sort((a, b) => b.value - a.value).slice(0, 3);
      expect(exciting.map(({ image }) => image)).toEqual(order.map(({ image }) => image));
      exciting.forEach(({ image, value, place }) => {
        expect(value).toBeCloseTo(peaks[image]!.value, 5);
        expect(places[image]![place[0]! * 2 + place[1]!]).toBeCloseTo(value, 5);
      });
      const means = [0, 1, 2].map((label) => {
        const own = places.filter((_, image) => labels[image] === label).flat();
        return own.reduce((sum, value) => sum + Math.max(value, 0), 0) / own.length;
      });
      classMeans.forEach((mean, label) => {
        expect(mean).toBeCloseTo(means[label] ?? 0, 5);
      });
      // of the fourth class there is no image
      expect(selectivity).toBe(classSelectivity(classMeans.slice(0, 3)));
    }
    expect(found.find(({ path }) => path === 'linear')!.channels[0]!.exciting[0]!.place).toEqual([]);
  });

  it('are the first of images that are alike', async () => {
    const only = new Sequential({ flatten: new Flatten(), linear: new Linear(1, 1, { bias: false }) });
    const parameters = new Map([['linear.weight', tensor('float32', [1, 1], [2])]]);
    const batch = { pixels: Float32Array.of(1, 3, 3, 2), labels: [0, 0, 0, 0] };
    const [linear] = await examineLayers(only, [4, 1, 1, 1], [batch], parameters, {
      ...{ runtime, classes: 1, top: 3, layers: ['linear'] },
    });
    expect(linear!.channels[0]!.exciting.map(({ image, value }) => [image, value])).toEqual([
      [1, 6],
      [2, 6],
      [3, 4],
    ]);
  });
});

it('class selectivity is 1 for one class, 0 for all alike or none', () => {
  expect(classSelectivity([0, 3, 0])).toBe(1);
  expect(classSelectivity([2, 2, 2])).toBe(0);
  expect(classSelectivity([0, 0])).toBe(0);
  expect(classSelectivity([4])).toBe(0);
  expect(classSelectivity([6, 2, 0])).toBeCloseTo(5 / 7, 12);
});
