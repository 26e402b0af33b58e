import type { Attributes, Graph, Node, Value } from '../graph/graph.js';
import { neededNodes, rewriteGraph } from '../graph/rewrite.js';
import { concat, gemm, reduceSum, reshape, split } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import type { PadAttributes } from '../ops/pad.js';
import type { ReduceAttributes } from '../ops/reduce.js';
import type { SliceAttributes } from '../ops/slice.js';
import { normaliseAxes, sameShape, sizeOf } from '../tensor/shape.js';
import { usersOf } from './readers.js';
import { transposed } from './transposed.js';

/** Rows of a product up to which its large right factor, which is packed anew at every product, is the most of its work. */
const fewRows = 64;
/** Products with the same factor from which on it pays to keep what they multiply in columns. */
const manyProducts = 4;
const largeFactor = 2 ** 14;

const elementwise = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Neg',
  'Sigmoid',
  'Tanh',
  'Relu',
  'Sqrt',
  'Exp',
  'HardSigmoid',
]);

/**
 * States of a recurrence in columns. A step multiplies few rows with the same large weights as every other step: h·Wᵀ. ONNX
 * Runtime packs the right factor of every product, W, which takes as long as multiplying. As W·hᵀ it packs the few states, and
 * reads W as it is; where Wᵀ is needed, in the gradient, it is transposed once for all steps. What lies between such products
 * (gates, their gradients, sums of them) is computed in columns too.
 */
export function turnRecurrences(graph: Graph): Graph {
  const recurrent = findRecurrent(graph);
  if (recurrent.size === 0) return graph;
  /** Of matrices of the new graph, their columns as rows, where they are computed anyway. */
  const turned = new Map<Value, Value>();
  const turn = turning(turned);
  const isTurned = (value: Value): boolean => turned.has(value);
  // large factors are columns for these products alone, and rows for all else, such as their update
  const turnFactor = turning(new Map());

  /** The node's results, transposed; undefined where it is better left as it is. */
  const inColumns = (node: Node, inputs: readonly Value[], target: Graph): readonly Value[] | undefined => {
    const [first] = inputs;
    const [output] = node.outputs;
    if (node.op === 'Gemm') {
      if (!recurrent.has(node)) return undefined;
      // (a·op(b) + c)ᵀ as op(b)ᵀ·aᵀ + cᵀ; aᵀ, which is small, is left to the product where it is not there
      const { alpha, beta, transB } = node.attributes as GemmAttributes;
      const [a, b, c] = inputs as [Value, Value, Value | undefined];
      const added = c && operandInColumns(c, output!.shape, turn);
      const columns = turned.get(a);
      const product = { alpha, beta, transB: columns === undefined };
      return [gemm(transB ? b : turnFactor(b), columns ?? a, added, product)];
    }
    if (!inputs.some(isTurned) || output!.shape.length !== 2) return undefined;
    if (elementwise.has(node.op)) {
      const operands = inputs.map((input) => operandInColumns(input, output!.shape, turn));
      return operands.includes(undefined) ? undefined : target.apply(node.op, operands as Value[], node.attributes);
    }
    const { axis, sizes } = node.attributes as { axis?: number; sizes?: readonly number[] };
    if (node.op === 'Split') return split(turn(first!), sizes!, 1 - onTwoAxes(axis!));
    if (node.op === 'Concat' && 2 * inputs.filter(isTurned).length > inputs.length)
      return [concat(inputs.map(turn), 1 - onTwoAxes(axis!))];
    if (node.op === 'Slice') {
      const { axes, ...bounds } = node.attributes as SliceAttributes;
      return target.apply('Slice', [turn(first!)], { ...bounds, axes: axes.map((each) => 1 - onTwoAxes(each)) });
    }
    if (node.op === 'Pad') {
      const { pads, value } = node.attributes as PadAttributes;
      return target.apply('Pad', [turn(first!)], { value, pads: [1, 0, 3, 2].map((i) => pads[i]!) });
    }
    return undefined;
  };

  return rewriteGraph(graph, (node, inputs, target) => {
    const columns = inColumns(node, inputs, target);
    if (columns !== undefined) {
      return columns.map((value) => {
        const rows = transposed(value);
        turned.set(rows, value);
        return rows;
      });
    }
    return fromColumns(node, inputs, turned);
  });
}

/** Transposes what was not transposed before. @param known is added to */
const turning =
  (known: Map<Value, Value>) =>
  (matrix: Value): Value => {
    const columns = known.get(matrix) ?? transposed(matrix);
    known.set(matrix, columns);
    return columns;
  };

/** What reads columns and gives something else. */
function fromColumns(
  { op, attributes, outputs: [output] }: Node,
  [a, b, c]: readonly Value[],
  turned: ReadonlyMap<Value, Value>,
): readonly Value[] | undefined {
  const columns = a && turned.get(a);
  if (columns === undefined) return undefined;
  if (op === 'ReduceSum') {
    const { axes, keepdims } = attributes as ReduceAttributes;
    const reduced = normaliseAxes(axes, 2);
    if (reduced.length !== 1) return undefined;
    return [reshape(reduceSum(columns, { axes: [1 - reduced[0]!], keepdims }), output!.shape)];
  }
  if (op !== 'Gemm' || !(attributes as GemmAttributes).transA) return undefined;
  // a weight gradient, aᵀ·b
  const { alpha, beta, transB } = attributes as GemmAttributes;
  const others = turned.get(b!);
  return [gemm(columns, others ?? b!, c, { alpha, beta, transB: others === undefined ? transB : !transB })];
}

/** An operand that broadcasts to a matrix, for the transposed matrix; undefined where it has more axes. */
function operandInColumns(value: Value, shape: readonly number[], turn: (matrix: Value) => Value): Value | undefined {
  if (sizeOf(value.shape) === 1 && value.shape.length <= 2) return value;
  if (value.shape.length === 1) return reshape(value, [value.shape[0]!, 1]);
  if (value.shape.length !== 2) return undefined;
  if (sameShape(value.shape, shape)) return turn(value);
  return reshape(value, [value.shape[1]!, value.shape[0]!]);
}

const onTwoAxes = (axis: number): number => (axis < 0 ? axis + 2 : axis);

/** Products of few rows with a large factor that many such products have. */
function findRecurrent(graph: Graph): ReadonlySet<Node> {
  const byFactor = new Map<Value, Node[]>();
  for (const node of neededNodes(graph)) {
    if (node.op !== 'Gemm' || !hasFewRows(node)) continue;
    const factor = node.inputs[1]!;
    const nodes = byFactor.get(factor) ?? [];
    byFactor.set(factor, nodes);
    nodes.push(node);
  }
  const recurrent = new Set([...byFactor.values()].filter(({ length }) => length >= manyProducts).flat());
  for (const source of findSources(graph, recurrent)) recurrent.add(source);
  return recurrent;
}

/** Products of all steps at once that are cut into what the steps' own products are added to, and nothing else. */
function findSources(graph: Graph, recurrent: ReadonlySet<Node>): Node[] {
  if (recurrent.size === 0) return [];
  const users = usersOf(graph);
  const results = new Set(graph.outputs.values());
  const isOnlyFor = (value: Value, wanted: (user: Node) => boolean): boolean =>
    !results.has(value) && (users.get(value) ?? []).every(wanted);
  const isAdded = (value: Value): boolean =>
    isOnlyFor(value, (user) => recurrent.has(user) && user.inputs.indexOf(value) === 2);
  const isCut = ({ op, attributes, outputs }: Node): boolean =>
    op === 'Split' && onTwoAxes(attributes['axis'] as number) === 0 && outputs.every(isAdded);
  const isSource = ({ op, attributes, outputs: [product] }: Node): boolean =>
    op === 'Gemm' && !(attributes as GemmAttributes).transA && users.has(product!) && isOnlyFor(product!, isCut);
  return graph.nodes.filter(isSource);
}

function hasFewRows({ inputs: [a, b], attributes }: { inputs: readonly Value[]; attributes: Attributes }): boolean {
  const rows = a!.shape[0]!;
  return !(attributes as GemmAttributes).transA && rows > 1 && rows <= fewRows && sizeOf(b!.shape) >= largeFactor;
}
