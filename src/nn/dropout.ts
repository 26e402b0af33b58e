import { UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { mul } from '../ops/build.js';
import { Module } from './module.js';
import type { Trace } from './trace.js';

/**
 * In training each element is zero with probability p and 1/(1-p) times itself otherwise (PyTorch's `torch.nn.Dropout`;
 * Srivastava et al., 2014); in evaluation nothing changes. Any shape. The masks come from the training's seed, by step.
 */
export class Dropout extends Module {
  readonly #p: number;

  /**
   * @param p probability of a zero
   * @throws UsageError when p is not in [0, 1)
   */
  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p < 1)) throw new UsageError(`Dropout: a probability in [0, 1) is expected, ${p} came`);
    this.#p = p;
  }

  protected forward(x: Value, trace: Trace): Value {
    if (!trace.training || this.#p === 0) return x;
    return mul(x, trace.mask(x.shape, 1 - this.#p));
  }
}
