import { UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { add, batchNormalization, div, mul, reduceMean, reshape, sqrt, sub } from '../ops/build.js';
import { formatShape } from '../tensor/shape.js';
import { Module } from './module.js';
import { filled, Parameter } from './parameter.js';
import type { Trace } from './trace.js';

export interface BatchNorm2dOptions {
  /** Added to the variance, 1e-5 when left out. */
  readonly eps?: number;
  /** Share of the way that the running statistics move to a batch's, in [0, 1]; 0.1 when left out. */
  readonly momentum?: number;
}

/**
 * Batch normalisation over images and places (PyTorch's `torch.nn.BatchNorm2d`; Ioffe and Szegedy, 2015):
 * x [N, C, H, W] → (x - mean)/√(variance + eps) · weight + bias, of the same shape.
 * In training by the batch's own mean and biased variance, while the buffers `running_mean` and `running_var` (unbiased)
 * move by `momentum` towards them; in evaluation by the running ones. `weight` [C] is 1 at first and `bias` [C] 0;
 * PyTorch's `num_batches_tracked` is not kept, since nothing depends on it.
 */
export class BatchNorm2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly running_mean: Parameter;
  readonly running_var: Parameter;
  readonly #epsilon: number;
  readonly #momentum: number;

  /**
   * @param channels C
   * @throws UsageError on options out of range; `call` throws LegendaError when the input is not [N, C, H, W], or in
   *   training has only one value per channel
   */
  constructor(channels: number, { eps = 1e-5, momentum = 0.1 }: BatchNorm2dOptions = {}) {
    super();
    if (!(eps >= 0)) throw new UsageError(`BatchNorm2d: an eps from 0 is expected, ${eps} came`);
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new UsageError(`BatchNorm2d: a momentum in [0, 1] is expected, ${momentum} came`);
    }
    this.weight = new Parameter([channels], filled(1));
    this.bias = new Parameter([channels], filled(0));
    this.running_mean = new Parameter([channels], filled(0), false);
    this.running_var = new Parameter([channels], filled(1), false);
    this.#epsilon = eps;
    this.#momentum = momentum;
  }

  protected forward(x: Value, trace: Trace): Value {
    const [n, channels, height, width] = x.shape as [number, number, number, number];
    if (x.shape.length !== 4 || channels !== this.weight.shape[0]) {
      throw trace.error(`[N, ${this.weight.shape[0]}, H, W] is expected, the input is ${formatShape(x.shape)}`);
    }
    const weight = trace.parameter(this.weight);
    const bias = trace.parameter(this.bias);
    const runningMean = trace.buffer(this.running_mean);
    const runningVar = trace.buffer(this.running_var);
    if (!trace.training) return batchNormalization(x, weight, bias, runningMean, runningVar, this.#epsilon);

    const count = n * height * width;
    if (count < 2) {
      throw trace.error(
        `at least two values per channel are expected in training, the input is ${formatShape(x.shape)}`,
      );
    }
    const axes = [0, 2, 3];
    const perChannel = (value: Value): Value => reshape(value, [1, channels, 1, 1]);
    const mean = reduceMean(x, { axes }); // [C]
    const centred = sub(x, perChannel(mean));
    const variance = reduceMean(mul(centred, centred), { axes }); // [C]
    const scale = div(weight, sqrt(add(variance, this.#epsilon)));
    const move = (running: Value, batch: Value): Value =>
      add(mul(running, 1 - this.#momentum), mul(batch, this.#momentum));
    trace.update(this.running_mean, move(runningMean, mean));
    trace.update(this.running_var, move(runningVar, mul(variance, count / (count - 1))));
    return add(mul(centred, perChannel(scale)), perChannel(bias));
  }

  override unusedState(): readonly string[] {
    return ['num_batches_tracked'];
  }

  override formula(): string {
    return `2·${this.weight.shape[0]}`;
  }
}
