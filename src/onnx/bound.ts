import type { Graph, Value } from '../graph/graph.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';

/** What a tensor's name stands for while a file is read. */
export interface Bound {
  readonly type: TensorType;
  /** Values that are the file's for good: the op that takes them can be computed now. */
  readonly constant?: Tensor;
  /** An initialiser's values: they may be trained, so only what shapes the graph is taken from them. */
  readonly parameter?: { readonly name: string; readonly tensor: Tensor };
  /** In the graph that is built; a constant or parameter enters it at its first use. */
  value(): Value;
}

export const computed = (value: Value): Bound => ({ type: value, value: () => value });

export const constantBound = (graph: Graph, constant: Tensor): Bound =>
  foldedBound(constant, () => graph.constant(constant));

/** An op's result whose values are known: the op enters the graph only if the result is used as more than a shape. */
export function foldedBound(constant: Tensor, apply: () => Value): Bound {
  let value: Value | undefined;
  return {
    type: constant,
    constant,
    value: () => {
      value ??= apply();
      return value;
    },
  };
}

export function parameterBound(graph: Graph, name: string, tensor: Tensor, used: (name: string) => void): Bound {
  let value: Value | undefined;
  return {
    type: tensor,
    parameter: { name, tensor },
    value: () => {
      if (value === undefined) {
        value = graph.input(name, tensor);
        used(name);
      }
      return value;
    },
  };
}
