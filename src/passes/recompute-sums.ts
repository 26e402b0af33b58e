import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { add, hardSigmoid, relu, sign } from '../ops/build.js';
import type { HardSigmoidAttributes } from '../ops/hard-sigmoid.js';
import { sameShape } from '../tensor/shape.js';
import { nodeOf, usersOf } from './readers.js';

/**
 * Where the same tensor is added to several smaller ones and what comes out is rectified (additive attention: the regions, to the
 * query of each word), the masks on the way back are of sums that are computed again: their operands are at hand,
 * and memory that was just written is read many times faster than what was kept since the way forward.
 */
export function recomputeSums(graph: Graph): Graph {
  const users = usersOf(graph);
  const isShared = (value: Value): boolean => (users.get(value)?.filter(({ op }) => op === 'Add').length ?? 0) > 1;
  return rewriteGraph(graph, (node, _inputs, _target, map) => {
    if (node.op !== 'HardSigmoid' && node.op !== 'Sign') return undefined;
    const sum = nodeOf(node.inputs[0]!, 'Relu')?.inputs[0];
    const summands = sum && nodeOf(sum, 'Add')?.inputs;
    if (summands === undefined) return undefined;
    const [a, b] = summands as [Value, Value];
    const large = [a, b].filter(({ shape }) => sameShape(shape, sum!.shape));
    if (large.length !== 1 || !large.every(isShared)) return undefined;
    // the other way round: ONNX Runtime would find out that it has the sum already
    const again = add(map(b), map(a));
    if (node.op === 'Sign') return [sign(relu(again))];
    const { alpha, beta } = node.attributes as HardSigmoidAttributes;
    return [hardSigmoid(again, alpha, beta)];
  });
}
