import type { Node, Value } from '../graph/graph.js';
import { type Module, namedParameters } from '../nn/module.js';
import type { Parameter } from '../nn/parameter.js';
import { type ModuleCall, Trace } from '../nn/trace.js';
import { bytesPerElement } from '../tensor/dtype.js';
import { formatShape, type Shape, sizeOf } from '../tensor/shape.js';
import { multiplyAddsOf } from './multiply-adds.js';

/** One layer of a network, as a reader of a report wants it. */
export interface LayerSummary {
  /** Its path in the model. */
  readonly name: string;
  /** Its class. */
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
  /** Shape of one example. */
  readonly input: string;
  readonly layers: readonly LayerSummary[];
  /** Trained values; running statistics are not counted, as in PyTorch. */
  readonly parameters: number;
  /** Of one example. */
  readonly multiplyAdds: number;
  /** In bytes, in single precision. */
  readonly memory: {
    readonly parameterBytes: number;
    /** All results of one example's forward pass: what training must hold, before any is freed or reused. */
    readonly activationBytes: number;
  };
}

/**
 * Reads a network layer by layer off the graph that it traces to: a row for every use of a module that calls no other, and
 * for others where they have parameters or products of their own. Parameters are counted where they are used first.
 * @param image shape of one example
 * @throws LegendaError when it does not fit the model
 */
export function summarise(
  model: Module,
  { name, title, image }: { name: string; title: string; image: Shape },
): NetworkSummary {
  const trace = new Trace(model, false);
  model.call(trace.graph.input('input', { dtype: 'float32', shape: [1, ...image] }), trace);
  const counted = new Set<Parameter | Node>();
  const layers = trace.calls.flatMap((call) => rowOf(call, counted) ?? []);
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

/** @param counted what rows before have counted, and then this one */
function rowOf(
  { path, module, output, leaf, nodes }: ModuleCall,
  counted: Set<Parameter | Node>,
): LayerSummary | undefined {
  const fresh = <T extends Parameter | Node>(items: Iterable<T>): T[] =>
    [...items].filter((item) => !counted.has(item) && counted.add(item));
  const own = fresh(namedParameters(module).values()).filter(({ trainable }) => trainable);
  const parameters = own.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const multiplyAdds = fresh(nodes).reduce((sum, node) => sum + multiplyAddsOf(node), 0);
  if (!leaf && parameters + multiplyAdds === 0) return undefined;
  return {
    name: path,
    type: module.constructor.name,
    output: formatShape((output as Value).shape.slice(1)),
    parameters,
    formula:
      parameters === 0 ? '' : leaf ? module.formula() : own.map(({ shape }) => shape.join('·') || '1').join(' + '),
    multiplyAdds,
  };
}

/** What the results of nodes take when none is freed. */
export const activationBytes = (nodes: readonly Node[]): number =>
  nodes.reduce(
    (sum, { outputs }) =>
      sum + outputs.reduce((own, { dtype, shape }) => own + bytesPerElement[dtype] * sizeOf(shape), 0),
    0,
  );
