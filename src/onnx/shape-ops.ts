import { LegendaError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { normaliseAxes, reducedShape, sizeOf } from '../tensor/shape.js';
import { type Tensor, type TensorType, tensor, toNumbers } from '../tensor/tensor.js';
import { type Bound, constantBound, once } from './bound.js';
import { type Folder, fromNumbers } from './fold.js';
import type { Importer } from './importer.js';
import type { NodeSource } from './node-source.js';
import { checkShape } from './read-tensor.js';

function constantOf(node: NodeSource): Tensor {
  const value = node.tensor('value');
  if (value !== undefined) return value;
  const float = node.float('value_float');
  if (float !== undefined) return tensor('float32', [], [float]);
  const floats = node.floats('value_floats');
  if (floats !== undefined) return tensor('float32', [floats.length], floats);
  const int = node.int64('value_int');
  if (int !== undefined) return tensor('int64', [], BigInt64Array.of(int));
  const ints = node.int64s('value_ints');
  if (ints !== undefined) return tensor('int64', [ints.length], BigInt64Array.from(ints));
  throw new LegendaError('a value of numbers is expected (value, value_float, value_floats, value_int or value_ints)');
}

function constantOfShape(node: NodeSource, folder: Folder): Tensor {
  const shape = required(node, 0);
  const value = node.tensor('value') ?? tensor('float32', [1], [0]);
  if (sizeOf(value.shape) !== 1) throw new LegendaError(`one value is expected, ${sizeOf(value.shape)} came`);
  return filled(folder.allocate({ dtype: value.dtype, shape }), value.data[0]!);
}

function filled(result: Tensor, value: number | bigint): Tensor {
  if (result.data instanceof BigInt64Array) result.data.fill(BigInt(value));
  else result.data.fill(Number(value));
  return result;
}

function shapeOf(node: NodeSource): Tensor {
  // slice counts negative bounds from the end and clamps the others, as ONNX does
  const shape = node.bound(0).type.shape.slice(node.int('start') ?? 0, node.int('end'));
  return tensor('int64', [shape.length], shape);
}

function range(node: NodeSource, folder: Folder): Tensor {
  const [start, limit, delta] = [0, 1, 2].map((index) => required(node, index)[0]);
  if (start === undefined || limit === undefined || !delta)
    throw new LegendaError('start, limit and a delta are expected');
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  checkShape([count], 'the result');
  folder.spend(count);
  const result = folder.allocate({ dtype: node.inputs[0]!.dtype, shape: [count] });
  return fromNumbers(
    result,
    Float64Array.from({ length: count }, (_, i) => start + i * delta),
  );
}

function mapped(node: NodeSource, folder: Folder, f: (x: number) => number): Tensor {
  const x = heldOf(node, 0, folder);
  return fromNumbers(x, toNumbers(x).map(f));
}

function modulo(node: NodeSource, folder: Folder): Tensor {
  const [a, b] = [heldOf(node, 0, folder), heldOf(node, 1, folder)];
  if (sizeOf(b.shape) !== 1) throw new LegendaError(`one divisor is expected, ${sizeOf(b.shape)} came`);
  const truncated = node.int('fmod') === 1;
  if (a.data instanceof BigInt64Array && b.data instanceof BigInt64Array) {
    const by = b.data[0]!;
    if (by === 0n) throw new LegendaError('the divisor is 0');
    const remainder = (x: bigint): bigint =>
      truncated || x % by === 0n || x < 0n === by < 0n ? x % by : (x % by) + by;
    return tensor('int64', a.shape, a.data.map(remainder));
  }
  const divisor = toNumbers(b)[0]!;
  const f = (x: number): number => (truncated ? x % divisor : x - divisor * Math.floor(x / divisor));
  return fromNumbers(a, toNumbers(a).map(f));
}

function product(node: NodeSource, folder: Folder): Tensor {
  const x = heldOf(node, 0, folder);
  const axes = normaliseAxes(node.ints('axes') ?? node.constant(1), x.shape.length);
  if (x.shape.length !== axes.length) throw new LegendaError('a product over some axes only is not supported');
  const shape = reducedShape(x.shape, axes, (node.int('keepdims') ?? 1) === 1);
  return fromNumbers(
    { dtype: x.dtype, shape },
    Float64Array.of(toNumbers(x).reduce((total, value) => total * value, 1)),
  );
}

/** Nothing is dropped at inference; the mask, if someone asks for it, keeps everything. */
function dropout(node: NodeSource, graph: Graph, folder: Folder): readonly Bound[] {
  node.float('ratio');
  if (node.inputs[1] !== undefined) node.bound(1);
  if (node.inputs[2] !== undefined && node.constant(2)?.[0] !== 0) {
    throw new LegendaError('its training form (training_mode) is not supported: export the model for inference');
  }
  node.int('seed');
  const x = node.bound(0);
  if (node.outputCount < 2) return [x];
  if (node.opset < 10)
    throw new LegendaError('its mask is not supported before opset 10, where it is not defined at inference');
  const mask: TensorType = { dtype: 'bool', shape: x.type.shape };
  return [x, { type: mask, value: once(() => graph.constant(filled(folder.allocate(mask), 1))) }];
}

function required(node: NodeSource, index: number): readonly number[] {
  const values = node.constant(index);
  if (values === undefined) throw new LegendaError(`input ${index} is missing`);
  return values;
}

function heldOf(node: NodeSource, index: number, folder: Folder): Tensor {
  const held = node.held(index);
  if (held === undefined) throw new LegendaError(`input ${index} is missing`);
  folder.spend(sizeOf(held.shape));
  return held;
}

/** Ops that are gone when a file is read: constants, shape arithmetic, and dropout. */
export const shapeOps: Readonly<Record<string, Importer>> = {
  Constant: (node, graph) => [constantBound(graph, constantOf(node))],
  ConstantOfShape: (node, graph, folder) => [constantBound(graph, constantOfShape(node, folder))],
  Shape: (node, graph) => [constantBound(graph, shapeOf(node))],
  Size: (node, graph) => [constantBound(graph, tensor('int64', [], [sizeOf(node.bound(0).type.shape)]))],
  Range: (node, graph, folder) => [constantBound(graph, range(node, folder))],
  Floor: (node, graph, folder) => [constantBound(graph, mapped(node, folder, Math.floor))],
  Ceil: (node, graph, folder) => [constantBound(graph, mapped(node, folder, Math.ceil))],
  Mod: (node, graph, folder) => [constantBound(graph, modulo(node, folder))],
  ReduceProd: (node, graph, folder) => [constantBound(graph, product(node, folder))],
  Dropout: dropout,
};
