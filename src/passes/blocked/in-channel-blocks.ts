import type { Graph, Node, Value } from '../../graph/graph.js';
import { rewriteGraph } from '../../graph/rewrite.js';
import { wholeBlocks } from '../../ops/blocked/layout.js';
import { channelStep } from '../../ops/blocked/reorder.js';
import { opsOfLastForm } from '../../ops/blocked/table.js';
import { cast, concat, expand, pad, reduceMean, reduceSum, reshape, slice } from '../../ops/build.js';
import { type Shape, sameShape } from '../../tensor/shape.js';
import { convolveInBlocks, filterInBlocks, leastProducts, readsPlain, suitsBlocks } from './convolve-in-blocks.js';
import { moveInBlocks } from './over-places.js';
import { spreadInBlocks, spreadSuitsBlocks } from './spread-in-blocks.js';

/** Ops that treat every element alike, and make finite numbers of the zeros that fill up the last block. */
const elementwise = new Set([
  'Abs',
  'Add',
  'And',
  'Cast',
  'Clip',
  'Equal',
  'Erf',
  'Greater',
  'GreaterOrEqual',
  'HardSigmoid',
  'Identity',
  'LeakyRelu',
  'Less',
  'LessOrEqual',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'Not',
  'Or',
  'Relu',
  'Sigmoid',
  'Sign',
  'Sub',
  'Tanh',
  'Where',
]);

/**
 * Convolutions, and what follows them element by element, in blocks of channels: the layout of ONNX Runtime's fastest
 * convolutions. It takes that form by itself where weights are constants; in training they change. For graphs that are
 * differentiated already.
 * @param block channels of a block, from 2
 * @param least multiplications, below which a convolution stays as it is
 */
export function inChannelBlocks(graph: Graph, block: number, least: number = leastProducts): Graph {
  /** Of values that are held in blocks: how many channels they have. */
  const blocked = new Map<Value, number>();
  const plains = new Map<Value, Value>();
  const blocks = new Map<Value, Value>();
  /** Images in blocks that serve as depthwise filters [N·C, 1, H, W], by these. */
  const filters = new Map<Value, Value>();

  const plain = (value: Value): Value => {
    const image = filters.get(value);
    if (image !== undefined) return reshape(plain(image), value.shape);
    const channels = blocked.get(value);
    if (channels === undefined) return value;
    const known = plains.get(value);
    if (known !== undefined) return known;
    // truth values are reordered as numbers
    const [reordered] = value.graph.apply('ReorderOutput', [cast(value, 'float32')], { block, channels });
    const restored = cast(reordered!, value.dtype);
    plains.set(value, restored);
    return restored;
  };
  const inBlocks = (value: Value): Value => {
    if (blocked.has(value)) return value;
    const known = blocks.get(value);
    if (known !== undefined) return known;
    const [made] = value.graph.apply('ReorderInput', [value], { block });
    blocks.set(value, made!);
    return made!;
  };
  const held = (value: Value, channels: number): readonly Value[] => {
    blocked.set(value, channels);
    return [value];
  };
  const apartShape = ([n, channels, ...places]: Shape): Shape => [n!, Math.ceil(channels! / block), ...places, block];
  const apart = (value: Value): Value => reshape(value, apartShape(value.shape));

  return rewriteGraph(
    graph,
    (node, inputs, target) => {
      const [y] = node.outputs as [Value];
      if (node.op === 'Conv' && suitsBlocks(node, block, least)) {
        const x = readsPlain(node, block) ? plain(inputs[0]!) : inBlocks(inputs[0]!);
        const filter = filters.has(inputs[1]!) ? inputs[1]! : filterInBlocks(plain(inputs[1]!), node.attributes, block);
        return held(convolveInBlocks(x, filter, inputs[2], node.attributes, block), y.shape[1]!);
      }
      if (node.op === 'ConvTranspose' && spreadSuitsBlocks(node, block)) {
        const x = readsPlain(node, block) ? plain(inputs[0]!) : inBlocks(inputs[0]!);
        return held(spreadInBlocks(node, x, plain(inputs[1]!), block), y.shape[1]!);
      }
      const first = inputs.find((input) => blocked.has(input));
      if (first !== undefined) {
        if (elementwise.has(node.op) && y.shape.length === 4) {
          const result = inBlocksElementwise(node, inputs);
          if (result !== undefined) return held(result, y.shape[1]!);
        }
        if (node.op === 'MaxPool') {
          const [pooled] = target.apply('NchwcMaxPool', [first], { ...node.attributes, block });
          return held(pooled!, y.shape[1]!);
        }
        const moved = y.shape[1]! % block === 0 ? moveInBlocks(node, apart(first)) : undefined;
        if (moved !== undefined) return held(reshape(moved, y.shape), y.shape[1]!);
        if (node.op === 'Concat' && concatenatesBlocks(node, block)) {
          const { axis } = node.attributes as { readonly axis: number };
          // the channels' axis is that of their blocks
          const all = concat(
            inputs.map((input) => apart(inBlocks(input))),
            axis,
          );
          return held(reshape(all, y.shape), y.shape[1]!);
        }
        if (node.op === 'Reshape' && joinsChannels(node, block)) return held(reshape(inputs[0]!, y.shape), y.shape[1]!);
        if (node.op === 'Reshape' && isFilter(node, block)) {
          const filter = reshape(inputs[0]!, y.shape);
          filters.set(filter, inputs[0]!);
          return [filter];
        }
        if (node.op === 'ReduceSum' || node.op === 'ReduceMean') {
          const reduced = reduceInBlocks(node, apart(first), blocked.get(first)!, block);
          if (reduced !== undefined) return [reduced];
        }
      }
      if (node.op === 'Expand' && blocked.size > 0 && repeatsOverPlaces(node)) {
        const spread = expand(apart(inBlocks(inputs[0]!)), apartShape(y.shape));
        return held(reshape(spread, [y.shape[0]!, wholeBlocks(y.shape[1]!, block), ...y.shape.slice(2)]), y.shape[1]!);
      }
      return target.apply(node.op, inputs.map(plain), node.attributes);
    },
    plain,
    opsOfLastForm,
  );

  /** Undefined where an operand cannot come into blocks. */
  function inBlocksElementwise(node: Node, inputs: readonly Value[]): Value | undefined {
    const [y] = node.outputs as [Value];
    const operands = node.inputs.map(({ shape }, i) => operandOf(shape, y.shape, inputs[i]!, blocked.has(inputs[i]!)));
    if (operands.includes(undefined)) return undefined;
    const { graph } = inputs[0]!;
    if (operands.every((operand) => operand === 'whole' || operand === 'number')) {
      const alike = inputs.map((input, i) => (operands[i] === 'whole' ? inBlocks(input) : input));
      return graph.apply(node.op, alike, node.attributes)[0]!;
    }
    const fitted = inputs.map((input, i) => {
      const operand = operands[i]!;
      if (operand === 'number') return reshape(input, [1]);
      if (operand === 'by place') return reshape(input, [...input.shape, 1]);
      return operand === 'by channel' && !blocked.has(input) ? perChannel(input, block) : apart(inBlocks(input));
    });
    const [result] = graph.apply(node.op, fitted, node.attributes);
    const [n, channels, ...places] = y.shape as [number, number, number, number];
    return reshape(result!, [n, wholeBlocks(channels, block), ...places]);
  }
}

/** How an operand comes into blocks. */
type Operand =
  /** As large as the result. */
  | 'whole'
  | 'number'
  /** [1, C, 1, 1]. */
  | 'by channel'
  /** [N, C, 1, 1] and the like. */
  | 'by image'
  /** [N, 1, H, W] and the like. */
  | 'by place';

function operandOf(shape: Shape, result: Shape, value: Value, isBlocked: boolean): Operand | undefined {
  const reorders = isBlocked || (value.dtype === 'float32' && shape.length === 4 && shape[1]! % channelStep === 0);
  if (sameShape(shape, result)) return reorders ? 'whole' : undefined;
  if (isBlocked) return shape[1] === result[1] ? 'by image' : undefined;
  if (shape.every((size) => size === 1)) return 'number';
  const [n, channels, ...places] = [...new Array<number>(4 - shape.length).fill(1), ...shape];
  if (channels === 1) return shape.length === 4 ? 'by place' : undefined;
  if (n === 1 && places.every((size) => size === 1) && value.dtype === 'float32') return 'by channel';
  return reorders ? 'by image' : undefined;
}

/** [1, C, 1, 1] → [1, C/b, 1, 1, b]. */
function perChannel(value: Value, block: number): Value {
  const channels = value.shape[value.shape.length - 3]!;
  const held = wholeBlocks(channels, block);
  return reshape(pad(reshape(value, [channels]), [0, held - channels]), [1, held / block, 1, 1, block]);
}

/** Images one after the other's channels or places, in whole blocks each. */
const concatenatesBlocks = ({ inputs, attributes }: Node, block: number): boolean =>
  [1, 2, 3].includes(attributes['axis'] as number) &&
  inputs.every(({ dtype, shape }) => dtype === 'float32' && shape[1]! % block === 0);

/** [N, C, 1, 1] → [N, C, H, W], as the gradient of a mean over all places. */
const repeatsOverPlaces = ({ inputs: [x], outputs: [y] }: Node): boolean =>
  x!.dtype === 'float32' &&
  x!.shape[1]! % channelStep === 0 &&
  y!.shape.length === 4 &&
  sameShape(x!.shape, [y!.shape[0]!, y!.shape[1]!, 1, 1]);

/** [N, C, H, W] → [1, N·C, H, W]: the same blocks. */
function joinsChannels({ inputs: [x], outputs: [y] }: Node, block: number): boolean {
  const [n, channels, ...places] = x!.shape;
  return channels! % block === 0 && sameShape(y!.shape, [1, n! * channels!, ...places]);
}

/** [N, C, H, W] → [N·C, 1, H, W]: the depthwise filter in blocks. */
function isFilter({ inputs: [x], outputs: [y] }: Node, block: number): boolean {
  const [n, channels, ...places] = x!.shape;
  return channels! % block === 0 && sameShape(y!.shape, [n! * channels!, 1, ...places]);
}

/** Sums and means over all places, of each image or of all of them. @param x [N, C/b, H, W, b] */
function reduceInBlocks(node: Node, x: Value, channels: number, block: number): Value | undefined {
  const given = node.attributes['axes'] as readonly number[] | undefined;
  const axes = given?.map((axis) => (axis < 0 ? axis + 4 : axis)).sort();
  const overImages = axes !== undefined && sameShape(axes, [0, 2, 3]);
  if (!(overImages || (axes !== undefined && sameShape(axes, [2, 3])))) return undefined;
  const reduce = node.op === 'ReduceSum' ? reduceSum : reduceMean;
  const [n, parts, ...places] = x.shape as [number, number, number, number, number];
  // one axis after the other: ONNX Runtime has no quick way for a first and a third
  const each = reduce(reshape(x, [n * parts, places[0]! * places[1]!, block]), { axes: [1] });
  const images = reshape(each, [n, parts * block]);
  const whole = overImages ? reduce(images, { axes: [0], keepdims: true }) : images;
  const [y] = node.outputs as [Value];
  return reshape(whole.shape[1] === channels ? whole : slice(whole, [0], [channels], [1]), y.shape);
}
