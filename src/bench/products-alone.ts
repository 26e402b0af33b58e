import { Graph, inputName, type Value } from '../graph/graph.js';
import { neededNodes } from '../graph/rewrite.js';
import { multiplyAddsOf } from '../models/multiply-adds.js';
import { add } from '../ops/build.js';
import { compileGraph } from '../runtime/compile.js';
import type { Runtime, Session } from '../runtime/session.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { drawUniform } from './drawn-tensors.js';

/**
 * The convolutions and matrix products of a graph and nothing else, each on drawn operands of its own types: what the graph would
 * take if all other work were free. What several products share, such as a layer's weights, they share here.
 */
export class ProductsAlone implements AsyncDisposable {
  readonly #session: Session;
  readonly #feeds: Readonly<Record<string, Tensor>>;

  private constructor(session: Session, feeds: Readonly<Record<string, Tensor>>) {
    this.#session = session;
    this.#feeds = feeds;
  }

  /** @throws UsageError when an operand takes more than 2 GiB; LegendaError when the runtime refuses the graph */
  static async compile(runtime: Runtime, of: Graph): Promise<ProductsAlone> {
    const graph = productsOf(of);
    const feeds = graph.inputs.map((input) => [inputName(input), drawUniform(inputName(input), input.shape)] as const);
    return new ProductsAlone(await compileGraph(runtime, graph), Object.fromEntries(feeds));
  }

  /** All of them, once. Their results are computed, and stay where they are. */
  async multiply(): Promise<void> {
    await this.#session.run(this.#feeds, { [done]: scalar });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

const done = 'done';
const scalar = tensor('float32', [], [0]);

/** Products of a graph, each an output, with one output more that is cheap to fetch. */
export function productsOf(graph: Graph): Graph {
  const target = new Graph(graph.ops);
  const operands = new Map<Value, Value>();
  const operand = (value: Value): Value => {
    const made = operands.get(value) ?? target.input(`operand/${operands.size}`, value);
    operands.set(value, made);
    return made;
  };
  let count = 0;
  for (const node of neededNodes(graph)) {
    if (multiplyAddsOf(node) === 0) continue;
    const [product] = target.apply(node.op, node.inputs.map(operand), node.attributes);
    target.output(`product/${count++}`, product!);
  }
  target.output(done, add(target.input('begin', scalar), 1));
  return target;
}
