import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { Graph, type Value } from '../graph/graph.js';
import { ops } from '../ops/table.js';
import type { TensorType } from '../tensor/tensor.js';
import { Flatten, Softmax } from './activation.js';
import { BatchNorm2d } from './batch-norm2d.js';
import { Conv2d } from './conv2d.js';
import { Dropout } from './dropout.js';
import { Embedding } from './embedding.js';
import { LayerNorm } from './layer-norm.js';
import { Linear } from './linear.js';
import { crossEntropy, nllLoss } from './loss.js';
import type { Module } from './module.js';
import { MultiheadSelfAttention } from './multihead-self-attention.js';
import { AvgPool2d, MaxPool2d } from './pool.js';
import { Sequential } from './sequential.js';
import { Trace } from './trace.js';

/** Calls the layer as `net.layer` of a model with an input of the type. */
function call(layer: Module, shape: readonly number[], dtype: TensorType['dtype'] = 'float32', training = true): Value {
  const model = new Sequential({ net: new Sequential({ layer }) });
  const trace = new Trace(model, training);
  return model.call(trace.graph.input('x', { dtype, shape }), trace);
}

describe('an input that does not fit is refused, naming the layer, what is expected and what came', () => {
  it.each<[string, Module, readonly number[], string]>([
    ['Linear', new Linear(4, 2), [3, 5], 'Linear "net.layer": […, 4] is expected, the input is [3,5]'],
    ['Linear', new Linear(4, 2), [], 'Linear "net.layer": […, 4] is expected, the input is []'],
    ['Conv2d', new Conv2d(3, 4, 3), [2, 1, 8, 8], 'Conv "net.layer": input has 1 channels, weight expects 3'],
    ['Conv2d', new Conv2d(3, 4, 3), [3, 8, 8], 'Conv "net.layer": an input [N, C, …]'],
    [
      'Conv2d',
      new Conv2d(3, 4, 3),
      [1, 3, 2, 8],
      'Conv "net.layer": a window of 3 does not fit into spatial axis 0 of 2',
    ],
    ['MaxPool2d', new MaxPool2d(2), [3, 8], 'MaxPool "net.layer": kernel [2,2]'],
    ['AvgPool2d', new AvgPool2d(3), [1, 1, 2, 2], 'AveragePool "net.layer": a window of 3 does not fit'],
    [
      'BatchNorm2d',
      new BatchNorm2d(3),
      [2, 1, 4, 4],
      'BatchNorm2d "net.layer": [N, 3, H, W] is expected, the input is [2,1,4,4]',
    ],
    [
      'BatchNorm2d',
      new BatchNorm2d(3),
      [2, 3],
      'BatchNorm2d "net.layer": [N, 3, H, W] is expected, the input is [2,3]',
    ],
    [
      'BatchNorm2d',
      new BatchNorm2d(3),
      [1, 3, 1, 1],
      'at least two values per channel are expected in training, the input is [1,3,1,1]',
    ],
    [
      'LayerNorm',
      new LayerNorm([2, 4]),
      [3, 1, 4],
      'LayerNorm "net.layer": […, 2, 4] is expected, the input is [3,1,4]',
    ],
    ['LayerNorm', new LayerNorm([2, 4]), [4], 'LayerNorm "net.layer": […, 2, 4] is expected, the input is [4]'],
    [
      'Embedding',
      new Embedding(5, 2),
      [3],
      'Embedding "net.layer": indices in int64 or int32 are expected, the input is float32[3]',
    ],
    ['Softmax', new Softmax(2), [2, 3], 'Softmax "net.layer": axis 2 is outside [-2, 1]'],
    ['Flatten', new Flatten(), [], 'Flatten "net.layer": axis 1'],
  ])('%s', (_, layer, shape, message) => {
    expect(() => call(layer, shape)).toThrow(message);
  });

  it.each([
    [new MultiheadSelfAttention(4, 2), [3, 2, 6], '[L, N, 4] is expected, the input is [3,2,6]'],
    [new MultiheadSelfAttention(4, 2, { batchFirst: true }), [2, 4], '[N, L, 4] is expected, the input is [2,4]'],
  ])('MultiheadSelfAttention', (layer, shape, message) => {
    const trace = new Trace(layer, false);
    expect(() => layer.call(trace.graph.input('x', { dtype: 'float32', shape }), trace)).toThrow(
      `MultiheadSelfAttention: ${message}`,
    );
  });

  it('in evaluation too', () => {
    expect(() => call(new BatchNorm2d(1), [2, 3, 4, 4], 'float32', false)).toThrow('[N, 1, H, W] is expected');
    expect(call(new BatchNorm2d(3), [1, 3, 1, 1], 'float32', false).shape).toEqual([1, 3, 1, 1]);
    expect(() => call(new Linear(4, 2), [2, 4], 'int64')).toThrow('Gemm "net.layer"');
  });

  it('at a root without a name', () => {
    const layer = new Linear(4, 2);
    const trace = new Trace(layer, false);
    expect(() => layer.call(trace.graph.input('x', { dtype: 'float32', shape: [5] }), trace)).toThrow(
      /^Linear: \[…, 4\]/,
    );
  });
});

describe('a layer that cannot be is refused', () => {
  it.each<[string, () => unknown, string]>([
    ['heads', () => new MultiheadSelfAttention(6, 4), 'heads that share 6 evenly are expected, 4 came'],
    ['heads', () => new MultiheadSelfAttention(6, 0), 'heads that share 6 evenly are expected, 0 came'],
    ['dropout', () => new MultiheadSelfAttention(6, 2, { dropout: 1 }), 'a dropout in [0, 1) is expected, 1 came'],
    ['sizes', () => new Linear(2.5, 3), "a parameter's sizes must be whole numbers from 0, [3,2.5] came"],
    ['sizes', () => new Conv2d(1, -1, 3), "a parameter's sizes must be whole numbers from 0, [-1,1,3,3] came"],
    ['groups', () => new Conv2d(4, 6, 3, { groups: 4 }), '4 and 6 channels do not divide into 4 groups'],
    [
      'padding',
      () => new MaxPool2d(3, { padding: 2 }),
      'MaxPool2d: padding [2,2] is more than half of the kernel [3,3]',
    ],
    [
      'padding',
      () => new AvgPool2d([4, 1], { padding: [2, 1] }),
      'AvgPool2d: padding [2,1] is more than half of the kernel [4,1]',
    ],
    [
      'kernel',
      () => new MaxPool2d(0),
      'MaxPool2d: kernelSize: a whole number from 1, or two of them, is expected, 0 came',
    ],
    [
      'kernel',
      () => new Conv2d(1, 2, [3, 1.5]),
      'Conv2d: kernelSize: a whole number from 1, or two of them, is expected',
    ],
    ['stride', () => new Conv2d(1, 2, 3, { stride: 0 }), 'Conv2d: stride: a whole number from 1'],
    ['stride', () => new AvgPool2d(2, { stride: [1, -1] }), 'two of them, is expected, [1,-1] came'],
    ['padding', () => new Conv2d(1, 2, 3, { padding: -1 }), 'Conv2d: padding: a whole number from 0'],
    ['dilation', () => new Conv2d(1, 2, 3, { dilation: Number.NaN }), 'Conv2d: dilation: a whole number from 1'],
    ['probability', () => new Dropout(1), 'Dropout: a probability in [0, 1) is expected, 1 came'],
    ['probability', () => new Dropout(Number.NaN), 'NaN came'],
    [
      'momentum',
      () => new BatchNorm2d(2, { momentum: 1.5 }),
      'BatchNorm2d: a momentum in [0, 1] is expected, 1.5 came',
    ],
    ['eps', () => new LayerNorm(2, { eps: -1 }), 'LayerNorm: an eps from 0 is expected, -1 came'],
    ['axes', () => new LayerNorm([]), 'LayerNorm: the size of at least one axis is expected'],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('losses', () => {
  const graph = new Graph(ops);
  const value = (dtype: TensorType['dtype'], ...shape: number[]) =>
    graph.input(`${graph.inputs.length}`, { dtype, shape });

  it('take scores of examples, and a class for each', () => {
    const expected = 'scores [N, classes] and targets int64[N] are expected, float32';
    expect(() => nllLoss(value('float32', 3, 4), value('int64', 4))).toThrow(
      `nllLoss: ${expected}[3,4] and int64[4] came`,
    );
    expect(() => nllLoss(value('float32', 3, 4), value('int32', 3))).toThrow('int32[3] came');
    expect(() => crossEntropy(value('float32', 3), value('int64', 3))).toThrow(
      `crossEntropy: ${expected}[3] and int64[3] came`,
    );
    expect(() => crossEntropy(value('float32', 3, 4, 5), value('int64', 3))).toThrow('float32[3,4,5]');
  });

  it('smooth by a share below one', () => {
    const make = (share: number) => () =>
      crossEntropy(value('float32', 3, 4), value('int64', 3), { labelSmoothing: share });
    for (const share of [1, -0.1, Number.NaN]) expect(make(share)).toThrow(UsageError);
    expect(make(0.9)).not.toThrow();
  });

  it('divide by a number above zero', () => {
    const make = (over: number) => () => crossEntropy(value('float32', 3, 4), value('int64', 3), { over });
    for (const over of [0, -1, Number.NaN]) expect(make(over)).toThrow(`a number above 0 is expected, ${over} came`);
    expect(make(0.5)).not.toThrow();
  });
});
