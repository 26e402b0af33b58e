/** What does not fit an op is refused when the graph is built, in words that name it. */
import { expect, it } from 'vitest';
import { type Attributes, Graph } from '../graph/graph.js';
import type { TensorType } from '../tensor/tensor.js';
import { defaultResize } from './resize-attributes.js';
import { ops } from './table.js';

const float = (...shape: number[]): TensorType => ({ dtype: 'float32', shape });
const whole = (...shape: number[]): TensorType => ({ dtype: 'int64', shape });
const bool = (...shape: number[]): TensorType => ({ dtype: 'bool', shape });
const window = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };
const square = { ...window, kernel: [2, 2] };

const refusals: readonly (readonly [op: string, inputs: readonly TensorType[], attributes: Attributes, why: string])[] =
  [
    ['Add', [float(2), whole(2)], {}, 'inputs are float32 and int64'],
    ['Add', [float(2, 3), float(2)], {}, 'shapes [2,3] and [2] do not broadcast'],
    ['And', [bool(2), float(2)], {}, 'an input is float32, bool is expected'],
    ['Not', [whole(1)], {}, 'an input is int64, bool is expected'],
    ['Exp', [whole(1)], {}, 'an input is int64, float32 or float64 is expected'],
    ['Pow', [whole(1), whole(1)], {}, 'an input is int64, float32 or float64 is expected'],
    ['Less', [float(1), whole(1)], {}, 'inputs are float32 and int64'],
    ['Where', [float(1), float(1), float(1)], {}, 'the condition is float32, bool is expected'],
    ['Clip', [float(1)], { min: 2, max: 1 }, 'min is 2 and max 1, min at most max is expected'],
    ['Clip', [float(1)], { min: Number.NaN, max: undefined }, 'min is NaN'],
    ['ReduceMax', [float(2, 0)], { axes: [1], keepdims: false }, 'no elements have no maximum'],
    ['ReduceSum', [float(2)], { axes: [1], keepdims: false }, 'axis 1 is outside [-1, 0] of a tensor with 1 axes'],
    ['ReduceSum', [float(2, 2)], { axes: [1, -1], keepdims: false }, 'axes [1,-1] name one axis twice'],
    ['ArgMax', [float(0)], { axis: 0, keepdims: false }, 'no elements have no maximum'],
    ['Softmax', [whole(2)], { axis: 0 }, 'an input is int64, float32 or float64 is expected'],
    ['Gather', [float(2), float(1)], { axis: 0 }, 'indices are float32, whole numbers (int64, int32) are expected'],
    ['OneHot', [float(2)], { depth: 3, axis: -1, dtype: 'float32' }, 'indices are float32, whole numbers'],
    ['OneHot', [whole(2)], { depth: 0, axis: -1, dtype: 'float32' }, 'depth is 0, a whole number from 1 is expected'],
    ['Split', [float(4)], { sizes: [1, 2], axis: 0 }, 'parts [1,2] do not make up axis 0 of 4'],
    ['Split', [float(4)], { sizes: [5, -1], axis: 0 }, 'parts [5,-1] do not make up axis 0 of 4'],
    ['Concat', [float(2, 3), float(3, 2)], { axis: 0 }, 'cannot join [2,3] and [3,2] along axis 0'],
    ['Reshape', [float(2, 3)], { shape: [-2, -3] }, 'cannot reshape [2,3] to [-2,-3]'],
    ['Expand', [float(3)], { shape: [2] }, 'shapes [3] and [2] do not broadcast'],
    ['Expand', [float(2, 1)], { shape: [1] }, 'cannot expand [2,1] to [1]'],
    ['Flatten', [float(2, 3)], { axis: 3 }, 'axis 3 is outside [-2, 2]'],
    ['Squeeze', [float(2, 1)], { axes: [0] }, 'axes [0] of [2,1] are not all of size 1'],
    ['Transpose', [float(2, 1)], { perm: [0, 0] }, 'perm [0,0] is no order of 2 axes'],
    ['Pad', [float(2)], { pads: [1], value: 0 }, '2 pads are expected, 1 came'],
    ['Pad', [float(2)], { pads: [-2, -1], value: 0 }, 'pads [-2,-1] take away more than there is'],
    ['Slice', [float(2)], { starts: [0], ends: [1], axes: [0], steps: [0] }, 'the step along axis 0 is 0'],
    ['MatMul', [float(2, 3), float(2, 3)], {}, 'cannot multiply [2,3] by [2,3]'],
    [
      'Gemm',
      [float(2, 3), float(2, 3), float(2)],
      { alpha: 1, beta: 1, transA: false, transB: false },
      'input has 3 features, weight expects 2',
    ],
    ['Conv', [float(1, 3, 4, 4), float(2, 2, 3, 3)], { ...window, group: 1 }, 'input has 3 channels, weight expects 2'],
    [
      'Conv',
      [float(1, 2, 4, 4), float(2, 2, 5, 1)],
      { ...window, group: 1 },
      'a window of 5 does not fit into spatial axis 0 of 4',
    ],
    ['Conv', [float(1, 2, 4, 4), float(3, 1, 2, 2)], { ...window, group: 2 }, '3 filters do not divide into 2 groups'],
    [
      'Conv',
      [float(1, 2, 4, 4), float(3, 2, 2, 2), float(2)],
      { ...window, group: 1 },
      'bias has 2 values for 3 filters',
    ],
    [
      'Conv',
      [float(1, 1, 4), float(1, 1, 2)],
      { ...window, group: 1 },
      'kernel [2], strides [1,1], dilations [1,1] and pads [0,0,0,0] do not fit 1 spatial axes',
    ],
    [
      'ConvTranspose',
      [float(1, 2, 3, 3), float(3, 1, 2, 2)],
      { ...window, group: 1, outputPadding: [0, 0] },
      'input has 2 channels, weight expects 3',
    ],
    [
      'ConvTranspose',
      [float(1, 2, 3, 3), float(2, 1, 2, 2)],
      { ...window, group: 1, outputPadding: [0] },
      'outputPadding [0]',
    ],
    [
      'ConvTranspose',
      [float(1, 2, 1, 1), float(2, 1, 1, 1)],
      { ...window, pads: [1, 0, 1, 0], group: 1, outputPadding: [0, 0] },
      'outputPadding [0,0] and pads [1,0,1,0] give spatial sizes [-1,1]',
    ],
    [
      'ConvTranspose',
      [float(1, 2, 3, 3), float(2, 1, 2, 2)],
      { ...window, group: 1, outputPadding: [0, 1] },
      'outputPadding [0,1]: less than the stride or the dilation is expected on every axis, strides are [1,1]',
    ],
    [
      'MaxPool',
      [float(1, 1, 4, 4)],
      { ...square, strides: [0, 1] },
      'strides are [0,1], whole numbers from 1 are expected',
    ],
    [
      'MaxPool',
      [float(1, 1, 4, 4)],
      { ...square, pads: [0, 0, 0, -1] },
      'pads are [0,0,0,-1], whole numbers from 0 are expected',
    ],
    [
      'MaxPool',
      [float(1, 1, 4, 4)],
      { ...square, pads: [0, 2, 0, 0] },
      'pads [0,2,0,0] are not smaller than the window [2,2]',
    ],
    [
      'AveragePool',
      [float(1, 1, 4, 4)],
      { ...square, dilations: [1, 2], countIncludePad: false },
      'dilations [1,2] are not supported, only 1',
    ],
    ['GlobalAveragePool', [float(2, 3)], {}, 'an input [N, C, …] with spatial axes is expected'],
    [
      'BatchNormalization',
      [float(1, 3, 2), ...[3, 3, 2, 3].map((c) => float(c))],
      { epsilon: 1e-5 },
      'mean is [2] for 3 channels',
    ],
    ['LayerNormalization', [float(2, 3), float(2)], { axis: -1, epsilon: 1e-5 }, 'scale is [2], [3] is expected'],
    ['ScatterND', [float(3, 2), whole(1, 3), float(1)], { reduction: 'add' }, 'indices of depth 3 do not fit 2 axes'],
    ['Resize', [float(2, 3)], { ...defaultResize, sizes: [2] }, 'sizes [2] do not fit [2,3]'],
    ['Resize', [float(2, 3)], { ...defaultResize, sizes: [2, 0.5] }, 'sizes are [2,0.5], whole numbers are expected'],
    ['Resize', [float(2, 3)], { ...defaultResize, sizes: [2, 6], scales: [1, 0] }, 'scales are [1,0], numbers above 0'],
    ['Resize', [float(0, 3)], { ...defaultResize, sizes: [1, 3] }, 'there is nothing to enlarge'],
    [
      'ScatterND',
      [float(3, 2), whole(1, 1), float(1, 3)],
      { reduction: 'add' },
      'updates are [1,3], [1,2] is expected',
    ],
    ['DepthToSpace', [float(1, 3, 2, 2)], { blocksize: 2 }, '[1,3,2,2] is no [N, 4·C, H, W]'],
    ['SpaceToDepth', [float(1, 1, 3, 2)], { blocksize: 2 }, '[1,1,3,2] has no sides that are multiples of 2'],
  ];

it.each(refusals)('%s of %j with %j: %s', (op, inputs, attributes, why) => {
  const graph = new Graph(ops);
  const values = inputs.map((type, i) => graph.input(`x${i}`, type));
  expect(() => graph.apply(op, values, attributes)).toThrow(`${op}: ${why}`);
  expect(graph.nodes).toEqual([]);
});
