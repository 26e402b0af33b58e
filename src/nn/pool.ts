import type { Value } from '../graph/graph.js';
import { averagePool, maxPool } from '../ops/build.js';
import { Module } from './module.js';
import { type Pair, pairOf, symmetricPads } from './pair.js';

export interface PoolOptions {
  /** The kernel's size when left out: windows that do not overlap. */
  readonly stride?: Pair;
  readonly padding?: Pair;
}

/** Largest element of each window (PyTorch's `torch.nn.MaxPool2d`): [N, C, H, W] → [N, C, H', W']. */
export class MaxPool2d extends Module {
  readonly #kernelSize: Pair;
  readonly #options: PoolOptions;

  constructor(kernelSize: Pair, options: PoolOptions = {}) {
    super();
    this.#kernelSize = kernelSize;
    this.#options = options;
  }

  protected forward(x: Value): Value {
    return maxPool(x, windowOf(this.#kernelSize, this.#options));
  }
}

/** Mean of each window, padding counted as zeros (PyTorch's `torch.nn.AvgPool2d`): [N, C, H, W] → [N, C, H', W']. */
export class AvgPool2d extends Module {
  readonly #kernelSize: Pair;
  readonly #options: PoolOptions;

  constructor(kernelSize: Pair, options: PoolOptions = {}) {
    super();
    this.#kernelSize = kernelSize;
    this.#options = options;
  }

  protected forward(x: Value): Value {
    return averagePool(x, { ...windowOf(this.#kernelSize, this.#options), countIncludePad: true });
  }
}

function windowOf(kernelSize: Pair, { stride = kernelSize, padding = 0 }: PoolOptions) {
  return { kernel: pairOf(kernelSize), strides: pairOf(stride), pads: symmetricPads(padding), dilations: [1, 1] };
}
