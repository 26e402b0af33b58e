import type { Graph, Value } from '../graph/graph.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';

/** What a tensor's name stands for while a file is read. */
export interface Bound {
  readonly type: TensorType;
  /** Values that are the file's for good: the op that takes them can be computed now. */
  readonly constant?: Tensor;
  /** An initialiser's values: they may be trained, so only what shapes the graph is taken from them. */
  readonly parameter?: { readonly name: string; readonly tensor: Tensor };
  /** How many results with known values it was computed from, one behind the other. */
  readonly chain?: number;
  /** In the graph that is built; a constant or parameter enters it at its first use. */
  value(): Value;
}

export const computed = (value: Value): Bound => ({ type: value, value: () => value });

/** Computed results stand behind at most so many others that only the last of them calls for. */
const longestChain = 64;

/**
 * An op's result whose values are known: the op enters the graph only if the result is used as more than a shape. In a
 * long chain of such ops the values do, so that the call for them ends.
 */
export function foldedBound(graph: Graph, constant: Tensor, from: readonly Bound[], apply: () => Value): Bound {
  const chain = 1 + Math.max(0, ...from.map((bound) => bound.chain ?? 0));
  if (chain > longestChain) return constantBound(graph, constant);
  return { type: constant, constant, chain, value: once(apply) };
}

export function constantBound(graph: Graph, constant: Tensor): Bound {
  return { type: constant, constant, value: once(() => graph.constant(constant)) };
}

export function parameterBound(graph: Graph, name: string, tensor: Tensor, used: () => void): Bound {
  const enter = (): Value => {
    used();
    return graph.input(name, tensor);
  };
  return { type: tensor, parameter: { name, tensor }, value: once(enter) };
}

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
