import type { Value } from '../graph/graph.js';
import { Module } from './module.js';
import type { Trace } from './trace.js';

/**
 * Layers one after the other (PyTorch's `torch.nn.Sequential`), named 0, 1, … or by the keys of an object: the output of
 * each is the input of the next.
 */
export class Sequential extends Module {
  readonly #layers: Map<string, Module>;

  constructor(layers: readonly Module[] | Readonly<Record<string, Module>>) {
    super();
    this.#layers = new Map(Object.entries(layers));
  }

  protected forward(x: Value, trace: Trace): Value {
    let value = x;
    for (const layer of this.#layers.values()) value = layer.call(value, trace);
    return value;
  }

  override children(): [string, unknown][] {
    return [...this.#layers];
  }
}
