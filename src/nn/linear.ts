import type { Value } from '../graph/graph.js';
import { gemm, reshape } from '../ops/build.js';
import { formatShape, sizeOf } from '../tensor/shape.js';
import { uniformFanIn } from './init.js';
import { Module } from './module.js';
import { type Initialiser, Parameter } from './parameter.js';
import type { Trace } from './trace.js';

export interface LinearOptions {
  readonly bias?: boolean;
  readonly biasInit?: Initialiser;
}

/**
 * y = x·Wᵀ + b (PyTorch's `torch.nn.Linear`): x [..., inFeatures] → [..., outFeatures].
 * `weight` [outFeatures, inFeatures] and `bias` [outFeatures], both uniform in ±1/√inFeatures at first.
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /**
   * @param inFeatures size of the input's last axis
   * @param outFeatures size of the output's last axis
   * @param options.bias false leaves the bias out
   * @param options.biasInit other first values of the bias
   * @throws LegendaError when a size is not a whole number from 0; `call` does when the input's last axis is another
   */
  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter([outFeatures, inFeatures], uniformFanIn(inFeatures));
    this.bias =
      options.bias === false ? undefined : new Parameter([outFeatures], options.biasInit ?? uniformFanIn(inFeatures));
  }

  protected forward(x: Value, trace: Trace): Value {
    if (x.shape.at(-1) !== this.inFeatures) {
      throw trace.error(`[…, ${this.inFeatures}] is expected, the input is ${formatShape(x.shape)}`);
    }
    const weight = trace.parameter(this.weight);
    const bias = this.bias && trace.parameter(this.bias);
    const outer = x.shape.slice(0, -1);
    // as rows of a matrix: the gradient in the weights is one product then, however many axes there are
    const rows = reshape(x, [sizeOf(outer), this.inFeatures]);
    return reshape(gemm(rows, weight, bias, { transB: true }), [...outer, this.outFeatures]);
  }

  override formula(): string {
    return `${this.inFeatures}·${this.outFeatures}${this.bias ? ` + ${this.outFeatures}` : ''}`;
  }
}
