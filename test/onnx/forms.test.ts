/**
 * Forms of nodes that files have and our writer never writes: older opsets, defaults, ops that are read as several of
 * ours. ONNX Runtime on the file itself says what is right.
 */

import { describe, expect, it } from 'vitest';
import type { GraphInit } from '../../src/onnx/write-parts.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { type AttributeValue, onnxModel, onnxNode, tensorProto, valueInfo } from '../support/onnx-model.js';
import { expectSameAsRuntime } from './same-as-runtime.js';

type Given =
  | readonly number[]
  | { readonly ints: readonly number[]; readonly shape?: readonly number[] }
  | { readonly floats: readonly number[] };

interface Form {
  readonly opset: number;
  readonly op: string;
  /** Shapes of random inputs, or values of initialisers (vectors; `null` leaves an input out). */
  readonly inputs: readonly (Given | null)[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Numbers of axes of the outputs. */
  readonly outputs: readonly number[];
}

const form = (
  opset: number,
  op: string,
  inputs: Form['inputs'],
  attributes: Form['attributes'] = {},
  outputs: readonly number[] = [(inputs[0] as readonly number[]).length],
): Form => ({ opset, op, inputs, attributes, outputs });

/** Sequences, and the weights of a plain recurrent layer. */
const elman: readonly (readonly number[])[] = [
  [4, 2, 3],
  [1, 2, 3],
  [1, 2, 2],
  [1, 4],
];

const forms: readonly Form[] = [
  form(7, 'Add', [[2, 3], [3]]),
  form(7, 'Gemm', [[2, 3], [3, 4], [4]], { beta: { float: 0.5 } }),
  form(
    11,
    'Gemm',
    [
      [3, 2],
      [4, 3],
    ],
    { transA: { int: 1 }, transB: { int: 1 }, alpha: { float: 0.25 } },
  ),
  form(13, 'Gemm', [[3, 2], [2, 3], null]),
  form(
    7,
    'BatchNormalization',
    [[2, 3, 2, 2], { floats: [1, 2, 3] }, { floats: [0, 1, 2] }, { floats: [0, 0.5, 1] }, { floats: [1, 2, 3] }],
    { momentum: { float: 0.8 } },
  ),
  form(9, 'BatchNormalization', [[2, 1, 3], { floats: [2] }, { floats: [1] }, { floats: [0.5] }, { floats: [3] }]),
  form(15, 'BatchNormalization', [[2, 1, 3], { floats: [2] }, { floats: [1] }, { floats: [0.5] }, { floats: [3] }], {
    training_mode: { int: 0 },
  }),
  form(7, 'Clip', [[2, 5]], { min: { float: -0.5 }, max: { float: 1 } }),
  form(7, 'Clip', [[2, 5]], { max: { float: 1 } }),
  form(11, 'Clip', [[2, 5], null, { floats: [1] }]),
  form(12, 'Clip', [[2, 5], { floats: [0] }]),
  form(7, 'Dropout', [[2, 5]], { ratio: { float: 0.9 } }),
  form(12, 'Dropout', [[2, 5]], { seed: { int: 3 } }),
  form(7, 'Softmax', [[2, 5]]),
  form(7, 'LogSoftmax', [[2, 3, 1, 1]]),
  form(11, 'Softmax', [[2, 3, 4]], { axis: { int: 2 } }),
  form(13, 'Softmax', [[2, 3, 4]], { axis: { int: 1 } }),
  form(13, 'LogSoftmax', [[2, 3, 4]]),
  form(7, 'Reshape', [[2, 6], { ints: [0, 2, -1] }], {}, [3]),
  form(14, 'Reshape', [[2, 6], { ints: [4, 3] }], { allowzero: { int: 1 } }),
  form(7, 'Flatten', [[2, 3, 4]], {}, [2]),
  form(11, 'Flatten', [[2, 3, 4]], { axis: { int: -1 } }, [2]),
  form(7, 'Squeeze', [[1, 3, 1]], {}, [1]),
  form(7, 'Squeeze', [[1, 3, 1]], { axes: { ints: [2] } }, [2]),
  form(13, 'Squeeze', [[1, 3, 1], { ints: [-1] }], {}, [2]),
  form(7, 'Unsqueeze', [[3]], { axes: { ints: [0, 2] } }, [3]),
  form(13, 'Unsqueeze', [[3], { ints: [-1] }], {}, [2]),
  form(7, 'Transpose', [[2, 3, 4]]),
  form(7, 'Slice', [[4, 5]], { starts: { ints: [1, -3] }, ends: { ints: [2n ** 63n - 1n, -1] } }),
  form(7, 'Slice', [[4, 5]], { starts: { ints: [1] }, ends: { ints: [9] }, axes: { ints: [1] } }),
  form(10, 'Slice', [[4, 5], { ints: [-1] }, { ints: [Number.MIN_SAFE_INTEGER] }, { ints: [1] }, { ints: [-2] }]),
  form(11, 'Slice', [[4, 5], { ints: [1, 0] }, { ints: [3, 9] }]),
  form(7, 'Split', [[4, 6]], { axis: { int: 1 }, split: { ints: [1, 2, 3] } }, [2, 2, 2]),
  form(11, 'Split', [[4, 6]], { axis: { int: -1 } }, [2, 2, 2]),
  form(13, 'Split', [[4, 6], { ints: [1, 3] }], {}, [2, 2]),
  form(18, 'Split', [[4, 7]], { axis: { int: 1 }, num_outputs: { int: 3 } }, [2, 2, 2]),
  form(7, 'Pad', [[2, 3]], { pads: { ints: [1, 0, 0, 2] }, value: { float: 1.5 } }),
  form(11, 'Pad', [[2, 3], { ints: [0, -1, 1, 0] }]),
  form(18, 'Pad', [[2, 3], { ints: [1, 2] }, null, { ints: [-1] }]),
  form(7, 'ReduceMean', [[2, 3, 4]], { axes: { ints: [1, -1] }, keepdims: { int: 0 } }, [1]),
  form(18, 'ReduceMean', [[2, 3, 4], { ints: [1] }]),
  form(7, 'ReduceSum', [[2, 3, 4]], {}, [3]),
  form(11, 'ReduceMax', [[2, 3, 4]], { axes: { ints: [-2] } }),
  form(13, 'ReduceSum', [[2, 3, 4]], { noop_with_empty_axes: { int: 1 } }),
  form(13, 'ReduceSum', [[2, 3], { ints: [1] }], { keepdims: { int: 0 }, noop_with_empty_axes: { int: 0 } }, [1]),
  form(7, 'ArgMax', [[2, 3, 4]], { axis: { int: 2 }, keepdims: { int: 0 } }, [2]),
  form(12, 'ArgMax', [[2, 3]], { select_last_index: { int: 0 } }),
  form(7, 'MaxPool', [[1, 2, 5, 6]], { kernel_shape: { ints: [2, 3] } }),
  form(7, 'MaxPool', [[1, 2, 5, 6]], {
    kernel_shape: { ints: [3, 3] },
    strides: { ints: [2, 2] },
    auto_pad: { string: 'SAME_UPPER' },
  }),
  form(8, 'MaxPool', [[1, 2, 5, 6]], {
    kernel_shape: { ints: [2, 2] },
    auto_pad: { string: 'SAME_LOWER' },
    storage_order: { int: 0 },
  }),
  form(10, 'MaxPool', [[1, 2, 6, 6]], {
    kernel_shape: { ints: [3, 3] },
    strides: { ints: [2, 2] },
    ceil_mode: { int: 1 },
  }),
  form(12, 'MaxPool', [[1, 1, 7, 7]], {
    kernel_shape: { ints: [2, 2] },
    dilations: { ints: [2, 2] },
    auto_pad: { string: 'VALID' },
  }),
  form(7, 'AveragePool', [[1, 2, 5, 6]], { kernel_shape: { ints: [2, 2] }, pads: { ints: [1, 0, 1, 0] } }),
  form(7, 'AveragePool', [[1, 2, 5, 6]], {
    kernel_shape: { ints: [2, 2] },
    pads: { ints: [1, 0, 1, 0] },
    count_include_pad: { int: 1 },
  }),
  form(10, 'AveragePool', [[1, 1, 6, 6]], {
    kernel_shape: { ints: [3, 3] },
    strides: { ints: [2, 2] },
    ceil_mode: { int: 1 },
  }),
  form(7, 'GlobalAveragePool', [[2, 3, 4, 5]]),
  form(
    7,
    'Conv',
    [
      [1, 2, 5, 6],
      [3, 2, 2, 2],
    ],
    { kernel_shape: { ints: [2, 2] }, auto_pad: { string: 'SAME_LOWER' } },
  ),
  form(11, 'Conv', [[1, 4, 5, 6], [4, 1, 3, 3], [4]], {
    auto_pad: { string: 'SAME_UPPER' },
    strides: { ints: [2, 2] },
    group: { int: 4 },
  }),
  form(
    11,
    'Conv',
    [
      [1, 2, 7],
      [3, 2, 3],
    ],
    { auto_pad: { string: 'NOTSET' }, dilations: { ints: [2] }, pads: { ints: [1, 2] } },
  ),
  form(
    11,
    'ConvTranspose',
    [
      [1, 2, 3, 3],
      [2, 3, 2, 2],
    ],
    { strides: { ints: [2, 2] }, output_padding: { ints: [1, 0] } },
  ),
  form(
    11,
    'ConvTranspose',
    [
      [1, 2, 3, 3],
      [2, 3, 2, 2],
    ],
    { auto_pad: { string: 'NOTSET' }, kernel_shape: { ints: [2, 2] } },
  ),
  form(8, 'Expand', [[3, 1], { ints: [2, 1, 4] }], {}, [3]),
  form(
    7,
    'Concat',
    [
      [2, 3],
      [2, 1],
    ],
    { axis: { int: 1 } },
  ),
  form(
    11,
    'Concat',
    [
      [2, 3],
      [4, 3],
    ],
    { axis: { int: -2 } },
  ),
  form(7, 'Gather', [[4, 3], { ints: [2, 0, 2] }]),
  form(11, 'Gather', [[4, 3], { ints: [-1] }], { axis: { int: 1 } }),
  form(11, 'DepthToSpace', [[1, 8, 2, 3]], { blocksize: { int: 2 }, mode: { string: 'DCR' } }),
  form(17, 'LayerNormalization', [[2, 3, 4], [4], [4]], { stash_type: { int: 1 } }),
  form(
    17,
    'LayerNormalization',
    [
      [2, 3, 4],
      [3, 4],
    ],
    { axis: { int: 1 }, epsilon: { float: 0.25 } },
  ),
  form(7, 'LeakyRelu', [[2, 5]]),
  form(7, 'Pow', [[2, 5], { floats: [2] }]),
  form(13, 'Pow', [[2, 5], { ints: [3] }]),
  form(12, 'Max', [[2, 3]]),
  form(8, 'Max', [[2, 3], [3], [2, 1]]),
  form(12, 'Min', [[2, 3], [3], [2, 1]]),
  form(8, 'Sum', [[2, 3], [3], [2, 1]]),
  form(8, 'Sum', [[2, 3]]),
  form(8, 'Mean', [[2, 3], [3], [2, 1]]),
  form(7, 'Reciprocal', [[2, 3]]),
  form(7, 'Softplus', [[4, 5]]),
  form(7, 'Elu', [[4, 5]], { alpha: { float: 0.5 } }),
  form(7, 'Elu', [[4, 5]]),
  form(7, 'HardSigmoid', [[4, 5]]),
  form(7, 'HardSigmoid', [[4, 5]], { alpha: { float: 0.75 }, beta: { float: 0.25 } }),
  form(14, 'HardSwish', [[4, 5]]),
  form(20, 'Gelu', [[4, 5]]),
  form(20, 'Gelu', [[4, 5]], { approximate: { string: 'tanh' } }),
  form(9, 'PRelu', [[2, 3, 2], { floats: [0.25, -0.5, 2] }], {}, [3]),
  form(7, 'GlobalMaxPool', [[2, 3, 4, 5]]),
  form(11, 'ConvTranspose', [[1, 4, 3, 3], [4, 2, 2, 2], [4]], { group: { int: 2 }, strides: { ints: [2, 2] } }),
  form(11, 'ConvTranspose', [[2, 3, 4], [3, 2, 3], [2]]),
  form(
    14,
    'BatchNormalization',
    [[3, 2, 4], [2], [2], [2], { floats: [1, 2] }],
    { training_mode: { int: 1 } },
    [3, 1, 1],
  ),
  form(
    15,
    'BatchNormalization',
    [[3, 2], [2], [2], [2], { floats: [1, 2] }],
    {
      training_mode: { int: 1 },
      momentum: { float: 0.5 },
    },
    [2, 1, 1],
  ),
  form(7, 'Pad', [[3, 4]], { pads: { ints: [1, 2, 0, 3] }, mode: { string: 'reflect' } }),
  form(13, 'Pad', [[3, 4], { ints: [2, 0, 1, 3] }], { mode: { string: 'edge' } }),
  form(19, 'Pad', [[3, 4], { ints: [2, 0, 1, 3] }], { mode: { string: 'wrap' } }),
  form(18, 'Pad', [[1, 3, 4], { ints: [2, 1] }, null, { ints: [2] }], { mode: { string: 'reflect' } }),
  form(12, 'Celu', [[4, 5]], { alpha: { float: 0.5 } }),
  form(18, 'Mish', [[4, 5]]),
  form(7, 'Selu', [[4, 5]]),
  form(7, 'Selu', [[4, 5]], { alpha: { float: 2 }, gamma: { float: 0.5 } }),
  form(9, 'Shrink', [[4, 5]]),
  form(9, 'Shrink', [[4, 5]], { lambd: { float: 1 }, bias: { float: 0.25 } }),
  form(7, 'Softsign', [[4, 5]]),
  form(10, 'ThresholdedRelu', [[4, 5]]),
  form(10, 'ThresholdedRelu', [[4, 5]], { alpha: { float: 0.5 } }),
  form(7, 'Sin', [[4, 5]]),
  form(7, 'Cos', [[4, 5]]),
  form(7, 'InstanceNormalization', [[2, 3, 4, 5], [3], [3]], { epsilon: { float: 0.01 } }),
  form(18, 'GroupNormalization', [[2, 4, 3, 2], [2], [2]], { num_groups: { int: 2 } }),
  form(21, 'GroupNormalization', [[2, 4, 3, 2], [4], [4]], { num_groups: { int: 2 } }),
  form(7, 'LRN', [[2, 7, 3, 2]], { size: { int: 5 } }),
  form(13, 'LRN', [[2, 4, 3, 2]], {
    size: { int: 3 },
    alpha: { float: 0.5 },
    beta: { float: 0.5 },
    bias: { float: 2 },
  }),
  form(7, 'LpNormalization', [[2, 4]]),
  form(7, 'LpNormalization', [[2, 4, 3]], { axis: { int: 1 }, p: { int: 1 } }),
  form(9, 'MeanVarianceNormalization', [[2, 3, 2, 4]]),
  form(13, 'MeanVarianceNormalization', [[2, 3, 4]], { axes: { ints: [2] } }),
  form(23, 'RMSNormalization', [[2, 3, 4], [4]]),
  form(7, 'ArgMin', [[2, 3, 4]], { axis: { int: 1 }, keepdims: { int: 0 } }, [2]),
  form(7, 'ReduceL1', [[2, 3, 4]], { axes: { ints: [1] } }),
  form(18, 'ReduceL1', [[2, 3], { ints: [1] }], { keepdims: { int: 0 } }, [1]),
  form(7, 'ReduceL2', [[2, 3, 4]], { axes: { ints: [-1] }, keepdims: { int: 0 } }, [2]),
  form(7, 'ReduceLogSumExp', [[2, 3, 4]], { axes: { ints: [0, 2] }, keepdims: { int: 0 } }, [1]),
  form(13, 'ReduceLogSumExp', [[2, 3]], {}, [2]),
  form(7, 'ReduceMin', [[2, 3, 4]], { axes: { ints: [1] } }),
  form(7, 'ReduceSumSquare', [[2, 3, 4]], { axes: { ints: [1] } }),
  form(13, 'ScatterElements', [[3, 3], { ints: [1, 0, 2, 0, -1, 1], shape: [2, 3] }, [2, 3]]),
  form(16, 'ScatterElements', [[2, 3], { ints: [1, 1], shape: [1, 2] }, [1, 2]], {
    axis: { int: 1 },
    reduction: { string: 'add' },
  }),
  form(13, 'ScatterND', [[4, 3], { ints: [3, 1], shape: [2, 1] }, [2, 3]]),
  form(7, 'Tile', [[2, 3], { ints: [2, 3] }]),
  form(14, 'Trilu', [[2, 3, 4]]),
  form(14, 'Trilu', [[3, 4], { ints: [-1], shape: [] }], { upper: { int: 0 } }),
  form(14, 'Trilu', [[4, 3], { ints: [1], shape: [] }]),
  form(14, 'CumSum', [[2, 4, 3], { ints: [1], shape: [] }]),
  form(14, 'CumSum', [[3, 4], { ints: [-1], shape: [] }], { exclusive: { int: 1 } }),
  form(14, 'CumSum', [[3, 4], { ints: [0], shape: [] }], { reverse: { int: 1 } }),
  form(11, 'GatherElements', [[2, 3], { ints: [0, 2, -1, 1], shape: [2, 2] }], { axis: { int: 1 } }),
  form(13, 'GatherElements', [[3, 2, 2], { ints: [2, 0, -3, 1], shape: [1, 2, 2] }]),
  form(12, 'GatherND', [[2, 3, 4], { ints: [0, 1, -1, 2], shape: [2, 2] }], {}, [2]),
  form(13, 'GatherND', [[3, 4], { ints: [2, -3], shape: [2, 1, 1] }], {}, [3]),
  form(
    12,
    'Einsum',
    [
      [2, 3, 4],
      [2, 4, 5],
    ],
    { equation: { string: 'bij,bjk->bik' } },
  ),
  form(
    12,
    'Einsum',
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
    { equation: { string: 'bij, bkj -> kib' } },
  ),
  form(12, 'Einsum', [[2, 3, 4]], { equation: { string: 'ijk->ki' } }, [2]),
  form(12, 'Einsum', [[3, 4], [4]], { equation: { string: 'ij,j' } }, [1]),
  form(12, 'Einsum', [[3], [4], [2, 4]], { equation: { string: 'i,j,kj->ki' } }, [2]),
  form(
    12,
    'Einsum',
    [
      [2, 3, 4, 5],
      [4, 5, 6],
    ],
    { equation: { string: 'bhwc,wck->bhwk' } },
  ),
  form(9, 'Upsample', [[1, 2, 3, 4], { floats: [1, 1, 2, 3] }]),
  form(7, 'Upsample', [[1, 2, 3, 4]], { scales: { floats: [1, 1, 2, 2] }, mode: { string: 'linear' } }),
  form(10, 'Resize', [[1, 2, 3, 4], { floats: [1, 1, 2, 1.5] }]),
  form(10, 'Resize', [[1, 2, 3, 4], { floats: [1, 1, 2, 1.5] }], { mode: { string: 'linear' } }),
  form(11, 'Resize', [[1, 2, 3, 4], { floats: [] }, { floats: [1, 1, 0.6, 1.5] }], { mode: { string: 'linear' } }),
  form(13, 'Resize', [[1, 2, 3, 4], null, null, { ints: [1, 2, 7, 3] }]),
  form(18, 'Resize', [[1, 2, 3, 4], null, null, { ints: [5, 2] }], {
    axes: { ints: [2, 3] },
    mode: { string: 'cubic' },
    coordinate_transformation_mode: { string: 'align_corners' },
  }),
  form(19, 'Resize', [[1, 2, 3, 4], null, { floats: [1, 1, 1.4, 1.7] }], {
    mode: { string: 'linear' },
    coordinate_transformation_mode: { string: 'half_pixel_symmetric' },
  }),
  form(
    7,
    'LSTM',
    [
      [5, 2, 3],
      [1, 16, 3],
      [1, 16, 4],
      [1, 32],
    ],
    { hidden_size: { int: 4 } },
    [4, 3, 3],
  ),
  form(
    14,
    'LSTM',
    [[3, 2, 3], [2, 8, 3], [2, 8, 2], [2, 16], null, [2, 2, 2], [2, 2, 2]],
    {
      direction: { string: 'bidirectional' },
      hidden_size: { int: 2 },
      activations: { strings: ['Sigmoid', 'Tanh', 'Tanh', 'Sigmoid', 'Tanh', 'Tanh'] },
    },
    [4, 3, 3],
  ),
  form(
    14,
    'LSTM',
    [
      [1, 1, 3],
      [1, 8, 3],
      [1, 8, 2],
    ],
    { direction: { string: 'reverse' }, hidden_size: { int: 2 } },
    [4],
  ),
  form(
    7,
    'GRU',
    [
      [4, 2, 3],
      [1, 6, 3],
      [1, 6, 2],
      [1, 12],
    ],
    { hidden_size: { int: 2 } },
    [4, 3],
  ),
  form(
    14,
    'GRU',
    [[4, 2, 3], [2, 6, 3], [2, 6, 2], [2, 12], null, [2, 2, 2]],
    {
      direction: { string: 'bidirectional' },
      hidden_size: { int: 2 },
      linear_before_reset: { int: 1 },
    },
    [4, 3],
  ),
  form(14, 'RNN', elman, { hidden_size: { int: 2 } }, [4, 3]),
  form(
    14,
    'RNN',
    elman,
    {
      hidden_size: { int: 2 },
      activations: { strings: ['Relu'] },
      direction: { string: 'reverse' },
    },
    [4, 3],
  ),
];

describe.each(forms)('$op of opset $opset', (example) => {
  const { attributes = {}, inputs } = example;
  it(`${JSON.stringify(inputs)} ${Object.keys(attributes)}`, async () => {
    await expectSameAsRuntime(onnxModel(graphOf(example), example.opset, { irVersion: 7n }));
  });
});

function graphOf({ op, inputs, attributes, outputs }: Form): GraphInit {
  const fed = inputs.flatMap((given, i) => (Array.isArray(given) ? [valueInfo(`x${i}`, 'float32', given)] : []));
  const initializer = inputs.flatMap((given, i) => {
    if (given === null || Array.isArray(given)) return [];
    if ('ints' in given)
      return [tensorProto(`x${i}`, 'int64', [...(given.shape ?? vector(op, given.ints))], given.ints)];
    return 'floats' in given ? [tensorProto(`x${i}`, 'float32', vector(op, given.floats), given.floats)] : [];
  });
  const named = inputs.map((given, i) => (given === null ? '' : `x${i}`));
  const produced = outputs.map((_, i) => `y${i}`);
  const dtype = op === 'ArgMax' || op === 'ArgMin' ? 'int64' : 'float32';
  return {
    name: 'form',
    node: [onnxNode(`${op}: ${named} -> ${produced}`, attributes)],
    initializer,
    input: fed,
    output: produced.map((name, i) => valueInfo(name, dtype, new Array<undefined>(outputs[i]!).fill(undefined))),
  };
}

/** Bounds and exponents are scalars, slopes stand before the last axis. */
function vector(op: string, values: readonly number[]): number[] {
  if (op === 'Clip') return [];
  return op === 'PRelu' ? [values.length, 1] : [values.length];
}

describe('If', () => {
  const branch = (name: string, graph: GraphInit) => ({ name, type: 5, g: { name, ...graph } });
  const choosing = (greater: number): GraphInit => ({
    name: 'choosing',
    node: [
      onnxNode('Shape: x -> shape'),
      onnxNode('ReduceProd: shape -> size', { keepdims: { int: 0 } }),
      onnxNode('Greater: size, limit -> large'),
      onnxNode('Relu: x -> taken'),
      onnxNode('Sigmoid: x -> left'),
      onnxNode(
        'If: large -> y',
        {},
        {
          attribute: [
            branch('then_branch', {
              node: [onnxNode('Mul: taken, twice -> doubled'), onnxNode('Add: doubled, w -> moved')],
              initializer: [tensorProto('twice', 'float32', [1], [2])],
              output: [valueInfo('moved', 'float32', [undefined, undefined])],
            }),
            branch('else_branch', {
              node: [onnxNode('Identity: left -> same')],
              output: [valueInfo('same', 'float32', [undefined, undefined])],
            }),
          ],
        },
      ),
    ],
    initializer: [tensorProto('limit', 'int64', [], [greater]), tensorProto('w', 'float32', [3], [1, 2, 3])],
    input: [valueInfo('x', 'float32', [2, 3])],
    output: [valueInfo('y', 'float32', [undefined, undefined])],
  });

  it.each([5, 6])(
    'takes the branch that a known condition chooses, and nothing of the other one: 6 > %s',
    async (limit) => {
      const model = await expectSameAsRuntime(onnxModel(choosing(limit), 13));
      expect([...model.parameters.keys()]).toEqual(limit < 6 ? ['twice', 'w'] : []);
    },
  );
});

describe('tensors that are computed from known ones', () => {
  const run = (graph: GraphInit, opset = 13, feeds: Record<string, Tensor> = {}) =>
    expectSameAsRuntime(onnxModel({ name: 'known', ...graph }, opset, { irVersion: 8n }), {}, feeds);
  const output = (name: string, rank: number, dtype: 'float32' | 'int64' | 'bool' = 'int64') =>
    valueInfo(name, dtype, new Array<undefined>(rank).fill(undefined));

  it('may be infinite where nobody looks: the whole number is left to the runtime', async () => {
    // as T5 has it, of distances between words
    const { graph } = await run({
      node: [
        onnxNode('Log: distances -> logs'),
        onnxNode('Cast: logs -> large', { to: { int: 7 } }),
        onnxNode('Cast: distances -> small', { to: { int: 7 } }),
        onnxNode('Less: distances, two -> near'),
        onnxNode('Where: near, small, large -> bucket'),
        onnxNode('Gather: x, bucket -> y'),
      ],
      initializer: [tensorProto('distances', 'float32', [3], [0, 1, 9]), tensorProto('two', 'float32', [], [2])],
      input: [valueInfo('x', 'float32', [4, 2])],
      output: [valueInfo('y', 'float32', [undefined, undefined])],
    });
    expect(graph.nodes.map(({ op }) => op)).toContain('Cast');
  });

  it('are those that the runtime computes', async () => {
    const { graph } = await run({
      node: [
        onnxNode('Shape: x -> shape'),
        onnxNode('Size: x -> size'),
        onnxNode('Range: zero, size, three -> range'),
        onnxNode('Div: range, minus -> quotient'),
        onnxNode('Mod: range, seven -> remainder'),
        onnxNode('Mod: negative, seven -> positive'),
        onnxNode('Mod: negative, seven -> truncated', { fmod: { int: 1 } }),
        onnxNode('Cast: range -> real', { to: { int: 1 } }),
        onnxNode('Div: real, halves -> half'),
        onnxNode('Floor: half -> low'),
        onnxNode('Ceil: half -> high'),
        onnxNode('ReduceProd: shape -> all', { keepdims: { int: 0 } }),
        onnxNode('ReduceProd: shape -> kept'),
        onnxNode('ConstantOfShape: shape -> zeros'),
        onnxNode('ConstantOfShape: shape -> sevens', { value: { tensor: tensorProto('', 'int64', [1], [7]) } }),
        onnxNode('Greater: range, seven -> larger'),
        onnxNode('Where: larger, range, seven -> chosen'),
        onnxNode('Range: fzero, fone, fstep -> steps'),
        onnxNode('Relu: x -> y'),
      ],
      initializer: [
        tensorProto('zero', 'int64', [], [0]),
        tensorProto('three', 'int64', [], [3]),
        tensorProto('minus', 'int64', [], [-4]),
        tensorProto('negative', 'int64', [3], [-7, -1, -13]),
        tensorProto('seven', 'int64', [], [7]),
        tensorProto('halves', 'float32', [], [2]),
        tensorProto('fzero', 'float32', [], [0]),
        tensorProto('fone', 'float32', [], [1]),
        tensorProto('fstep', 'float32', [], [0.25]),
      ],
      input: [valueInfo('x', 'float32', [2, 3, 4])],
      output: [
        output('shape', 1),
        output('size', 0),
        output('range', 1),
        output('quotient', 1),
        output('remainder', 1),
        output('positive', 1),
        output('truncated', 1),
        output('all', 0),
        output('kept', 1),
        output('zeros', 3, 'float32'),
        output('sevens', 3),
        output('chosen', 1),
        output('larger', 1, 'bool'),
        output('steps', 1, 'float32'),
        output('y', 3, 'float32'),
      ],
    });
    expect(graph.outputs.get('zeros')!.source.kind).toBe('constant');
  });

  it('as masks and positions, are used where the graph needs them', async () => {
    await run(
      {
        node: [
          onnxNode('Shape: ids -> shape'),
          onnxNode('Gather: shape, one -> length'),
          onnxNode('Range: zero, length, one -> positions'),
          onnxNode('Gather: table, ids -> embedded'),
          onnxNode('Gather: table, positions -> placed'),
          onnxNode('Add: embedded, placed -> sum'),
          onnxNode('Unsqueeze: positions, first -> row'),
          onnxNode('Unsqueeze: positions, second -> column'),
          onnxNode('LessOrEqual: row, column -> seen'),
          onnxNode('Transpose: sum -> turned', { perm: { ints: [0, 2, 1] } }),
          onnxNode('MatMul: sum, turned -> scores'),
          onnxNode('Where: seen, scores, low -> masked'),
          onnxNode('Softmax: masked -> y'),
        ],
        initializer: [
          tensorProto('zero', 'int64', [], [0]),
          tensorProto('one', 'int64', [], [1]),
          tensorProto('first', 'int64', [1], [0]),
          tensorProto('second', 'int64', [1], [1]),
          tensorProto('low', 'float32', [], [-1e9]),
          tensorProto('table', 'float32', [5, 2], [1, 2, 3, -1, 0, 1, 0.5, 0.25, -2, 1]),
        ],
        input: [valueInfo('ids', 'int64', ['batch', 3])],
        output: [output('y', 3, 'float32')],
      },
      16,
      { ids: tensor('int64', [1, 3], [4, 0, 2]) },
    );
  });
});
