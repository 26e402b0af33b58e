import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { conv } from '../ops/build.js';
import { uniformFanIn } from './init.js';
import { Module } from './module.js';
import { type Pair, pairOf, symmetricPads } from './pair.js';
import { Parameter } from './parameter.js';
import type { Trace } from './trace.js';

export interface Conv2dOptions {
  readonly stride?: Pair;
  /** Zeros on each side. */
  readonly padding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
  readonly bias?: boolean;
}

/**
 * 2-D convolution (PyTorch's `torch.nn.Conv2d`): x [N, inChannels, H, W] → [N, outChannels, H', W'].
 * `weight` [outChannels, inChannels/groups, kH, kW] and `bias` [outChannels], uniform in ±1/√(kH·kW·inChannels/groups) at first.
 */
export class Conv2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly [number, number];
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly #options: Conv2dOptions;

  /** @throws LegendaError when the channels do not divide into the groups. */
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dOptions = {}) {
    super();
    const { groups = 1, bias = true } = options;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new LegendaError(`Conv2d: ${inChannels} and ${outChannels} channels do not divide into ${groups} groups`);
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = pairOf(kernelSize);
    this.#options = options;
    const [height, width] = this.kernelSize;
    const initialise = uniformFanIn((height * width * inChannels) / groups);
    this.weight = new Parameter([outChannels, inChannels / groups, height, width], initialise);
    this.bias = bias ? new Parameter([outChannels], initialise) : undefined;
  }

  protected forward(x: Value, trace: Trace): Value {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = this.#options;
    return conv(x, trace.parameter(this.weight), this.bias && trace.parameter(this.bias), {
      strides: pairOf(stride),
      pads: symmetricPads(padding),
      dilations: pairOf(dilation),
      group: groups,
    });
  }

  override formula(): string {
    const [height, width] = this.kernelSize;
    const weight = `(${height}·${width}·${this.weight.shape[1]})·${this.outChannels}`;
    return this.bias ? `${weight} + ${this.outChannels}` : weight;
  }
}
