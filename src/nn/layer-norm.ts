import type { Value } from '../graph/graph.js';
import { layerNormalization } from '../ops/build.js';
import { Module } from './module.js';
import { filled, Parameter } from './parameter.js';
import type { Trace } from './trace.js';

/** Normalised over the last axes, whose sizes are given (PyTorch's `torch.nn.LayerNorm`; Ba et al., 2016). */
export class LayerNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly #epsilon: number;

  constructor(normalizedShape: number | readonly number[], { eps = 1e-5 }: { readonly eps?: number } = {}) {
    super();
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
    this.weight = new Parameter(shape, filled(1));
    this.bias = new Parameter(shape, filled(0));
    this.#epsilon = eps;
  }

  protected forward(x: Value, trace: Trace): Value {
    const axis = -this.weight.shape.length;
    return layerNormalization(x, trace.parameter(this.weight), trace.parameter(this.bias), axis, this.#epsilon);
  }

  override formula(): string {
    return `2·${this.weight.shape.join('·')}`;
  }
}
