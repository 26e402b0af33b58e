import { UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { layerNormalization } from '../ops/build.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import { Module } from './module.js';
import { filled, Parameter } from './parameter.js';
import type { Trace } from './trace.js';

/**
 * Normalisation of each example over its last axes (PyTorch's `torch.nn.LayerNorm`; Ba et al., 2016):
 * x [..., normalizedShape] → (x - mean)/√(variance + eps) · weight + bias, of the same shape; the variance is the biased
 * one. `weight` and `bias` have the normalised shape, 1 and 0 at first.
 */
export class LayerNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly #epsilon: number;

  /**
   * @param normalizedShape sizes of the last axes, or of the last one
   * @param options.eps added to the variance, 1e-5 when left out
   * @throws UsageError when there are no axes, or eps is below 0; `call` throws LegendaError when the input ends otherwise
   */
  constructor(normalizedShape: number | readonly number[], { eps = 1e-5 }: { readonly eps?: number } = {}) {
    super();
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
    if (shape.length === 0) throw new UsageError('LayerNorm: the size of at least one axis is expected');
    if (!(eps >= 0)) throw new UsageError(`LayerNorm: an eps from 0 is expected, ${eps} came`);
    this.weight = new Parameter(shape, filled(1));
    this.bias = new Parameter(shape, filled(0));
    this.#epsilon = eps;
  }

  protected forward(x: Value, trace: Trace): Value {
    const { shape } = this.weight;
    if (x.shape.length < shape.length || !sameShape(x.shape.slice(-shape.length), shape)) {
      throw trace.error(`[…, ${shape.join(', ')}] is expected, the input is ${formatShape(x.shape)}`);
    }
    const weight = trace.parameter(this.weight);
    return layerNormalization(x, weight, trace.parameter(this.bias), -shape.length, this.#epsilon);
  }

  override formula(): string {
    return `2·${this.weight.shape.join('·')}`;
  }
}
