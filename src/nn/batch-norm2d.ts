import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { add, batchNormalization, div, mul, reduceMean, reshape, sqrt, sub } from '../ops/build.js';
import { Module } from './module.js';
import { filled, Parameter } from './parameter.js';
import type { Trace } from './trace.js';

/**
 * Batch normalisation over images and places (PyTorch's `torch.nn.BatchNorm2d`; Ioffe and Szegedy, 2015): x [N, C, H, W].
 * In training by the batch's own mean and biased variance, while `running_mean` and `running_var` (unbiased) move by
 * `momentum` towards them; in evaluation by the running ones.
 */
export class BatchNorm2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly running_mean: Parameter;
  readonly running_var: Parameter;
  readonly #epsilon: number;
  readonly #momentum: number;

  constructor(
    channels: number,
    { eps = 1e-5, momentum = 0.1 }: { readonly eps?: number; readonly momentum?: number } = {},
  ) {
    super();
    this.weight = new Parameter([channels], filled(1));
    this.bias = new Parameter([channels], filled(0));
    this.running_mean = new Parameter([channels], filled(0), false);
    this.running_var = new Parameter([channels], filled(1), false);
    this.#epsilon = eps;
    this.#momentum = momentum;
  }

  protected forward(x: Value, trace: Trace): Value {
    const weight = trace.parameter(this.weight);
    const bias = trace.parameter(this.bias);
    const runningMean = trace.parameter(this.running_mean);
    const runningVar = trace.parameter(this.running_var);
    if (!trace.training) return batchNormalization(x, weight, bias, runningMean, runningVar, this.#epsilon);

    const [n, channels, height, width] = x.shape as [number, number, number, number];
    const count = n * height * width;
    if (count < 2)
      throw new LegendaError(`BatchNorm2d: one value per channel in training (input [${x.shape}]) has no variance`);
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

  override formula(): string {
    return `2·${this.weight.shape[0]}`;
  }
}
