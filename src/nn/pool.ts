import { UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { averagePool, maxPool } from '../ops/build.js';
import { Module } from './module.js';
import { type Pair, pairOf, requireWindow, symmetricPads } from './pair.js';

export interface PoolOptions {
  /** Pixels from window to window; the kernel's size when left out: windows that do not overlap. */
  readonly stride?: Pair;
  /** Pixels added on each side, at most half of the kernel; 0 when left out. */
  readonly padding?: Pair;
}

/**
 * Largest element of each window (PyTorch's `torch.nn.MaxPool2d`): [N, C, H, W] → [N, C, H', W'] with
 * H' = ⌊(H + 2·padding - kernel)/stride⌋ + 1. Padding is never the largest; of equals the first has the gradient.
 */
export class MaxPool2d extends Module {
  readonly #kernelSize: Pair;
  readonly #options: PoolOptions;

  /**
   * @param kernelSize side of the window, or [height, width]
   * @throws UsageError when the padding is more than half of the kernel, or a size or stride is not a whole number from 1; `call`
   *   throws LegendaError when the input is not [N, C, H, W] or has no place for a window
   */
  constructor(kernelSize: Pair, options: PoolOptions = {}) {
    super();
    checkWindow('MaxPool2d', kernelSize, options);
    this.#kernelSize = kernelSize;
    this.#options = options;
  }

  protected forward(x: Value): Value {
    return maxPool(x, windowOf(this.#kernelSize, this.#options));
  }
}

/**
 * Mean of each window, padding counted as zeros (PyTorch's `torch.nn.AvgPool2d`): [N, C, H, W] → [N, C, H', W'], sizes as
 * for MaxPool2d.
 */
export class AvgPool2d extends Module {
  readonly #kernelSize: Pair;
  readonly #options: PoolOptions;

  /**
   * @param kernelSize side of the window, or [height, width]
   * @throws UsageError when the padding is more than half of the kernel, or a size or stride is not a whole number from 1; `call`
   *   throws LegendaError when the input is not [N, C, H, W] or has no place for a window
   */
  constructor(kernelSize: Pair, options: PoolOptions = {}) {
    super();
    checkWindow('AvgPool2d', kernelSize, options);
    this.#kernelSize = kernelSize;
    this.#options = options;
  }

  protected forward(x: Value): Value {
    return averagePool(x, { ...windowOf(this.#kernelSize, this.#options), countIncludePad: true });
  }
}

/** A window in nothing but padding has no largest element. */
function checkWindow(layer: string, kernelSize: Pair, { stride = kernelSize, padding = 0 }: PoolOptions): void {
  requireWindow(layer, { kernelSize, stride, padding });
  const kernel = pairOf(kernelSize);
  if (pairOf(padding).some((pad, axis) => 2 * pad > kernel[axis]!)) {
    throw new UsageError(`${layer}: padding [${pairOf(padding)}] is more than half of the kernel [${kernel}]`);
  }
}

function windowOf(kernelSize: Pair, { stride = kernelSize, padding = 0 }: PoolOptions) {
  return { kernel: pairOf(kernelSize), strides: pairOf(stride), pads: symmetricPads(padding), dilations: [1, 1] };
}
