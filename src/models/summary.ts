import type { Node, Value } from '../graph/graph.js';
import { type AnyModule, type Module, namedParameters } from '../nn/module.js';
import { Trace } from '../nn/trace.js';
import { bytesPerElement } from '../tensor/dtype.js';
import { formatShape, type Shape, sizeOf } from '../tensor/shape.js';
import { multiplyAddsOf } from './multiply-adds.js';

/** One layer of a network, as a reader of a report wants it. */
export interface LayerSummary {
  readonly name: string;
  readonly type: string;
  /** Shape of its result, without the batch. */
  readonly output: string;
  readonly parameters: number;
  /** How the number of parameters comes about; empty where there are none. */
  readonly formula: string;
  /** Multiplications, each with its addition, for one example. */
  readonly multiplyAdds: number;
}

export interface NetworkSummary {
  readonly name: string;
  readonly title: string;
  readonly input: string;
  readonly layers: readonly LayerSummary[];
  /** Trained values; running statistics are not counted, as in PyTorch. */
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly memory: {
    readonly parameterBytes: number;
    /** All results of one example's forward pass: what training must hold, before any is freed or reused. */
    readonly activationBytes: number;
  };
}

/**
 * Reads a network layer by layer off the graph that it traces to.
 * @param image shape of one example
 */
export function summarise(
  model: Module,
  { name, title, image }: { name: string; title: string; image: Shape },
): NetworkSummary {
  const trace = new Trace(model, false);
  model.call(trace.graph.input('input', { dtype: 'float32', shape: [1, ...image] }), trace);
  const leaves = trace.calls.filter(
    ({ module }) => !trace.calls.some((other) => other.module !== module && owns(module, other.module)),
  );
  const layers = leaves.map(({ path, module, output }): LayerSummary => {
    const nodes = trace.graph.nodes.filter((node) => node.scope === path);
    return {
      name: path,
      type: module.constructor.name,
      output: formatShape((output as Value).shape.slice(1)),
      parameters: ownParameters(module),
      formula: module.formula(),
      multiplyAdds: nodes.reduce((sum, node) => sum + multiplyAddsOf(node), 0),
    };
  });
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  return {
    name,
    title,
    input: formatShape(image),
    layers,
    parameters,
    multiplyAdds: layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0),
    memory: { parameterBytes: 4 * parameters, activationBytes: activationBytes(trace.graph.nodes) },
  };
}

/** What the results of nodes take when none is freed. */
export const activationBytes = (nodes: readonly Node[]): number =>
  nodes.reduce(
    (sum, { outputs }) =>
      sum + outputs.reduce((own, { dtype, shape }) => own + bytesPerElement[dtype] * sizeOf(shape), 0),
    0,
  );

const owns = (outer: AnyModule, inner: AnyModule): boolean =>
  outer.children().some(([, child]) => contains(child, inner));

function contains(item: unknown, module: AnyModule): boolean {
  if (item === module) return true;
  if (Array.isArray(item)) return item.some((child) => contains(child, module));
  return false;
}

function ownParameters(module: AnyModule): number {
  let count = 0;
  for (const { trainable, shape } of namedParameters(module).values()) if (trainable) count += sizeOf(shape);
  return count;
}
