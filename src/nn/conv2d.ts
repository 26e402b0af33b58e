import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { conv } from '../ops/build.js';
import { uniformFanIn } from './init.js';
import { Module } from './module.js';
import { type Pair, pairOf, requireWindow, symmetricPads } from './pair.js';
import { Parameter } from './parameter.js';
import type { Trace } from './trace.js';

export interface Conv2dOptions {
  /** Pixels from window to window, 1 when left out. */
  readonly stride?: Pair;
  /** Zeros on each side, none when left out. */
  readonly padding?: Pair;
  /** Pixels between the kernel's elements, 1 (side by side) when left out. */
  readonly dilation?: Pair;
  /** Parts of the channels that know nothing of each other, 1 when left out. */
  readonly groups?: number;
  /** False leaves the bias out. */
  readonly bias?: boolean;
}

/**
 * 2-D convolution (PyTorch's `torch.nn.Conv2d`): x [N, inChannels, H, W] → [N, outChannels, H', W'] with
 * H' = ⌊(H + 2·padding - dilation·(kH - 1) - 1)/stride⌋ + 1, and so for W'.
 * `weight` [outChannels, inChannels/groups, kH, kW] and `bias` [outChannels], uniform in ±1/√(kH·kW·inChannels/groups) at first.
 */
export class Conv2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly [number, number];
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly #options: Conv2dOptions;

  /**
   * @param inChannels channels of the input
   * @param outChannels number of filters
   * @param kernelSize side of the window, or [height, width]
   * @throws UsageError when kernel, stride, padding or dilation are no whole numbers, or too small
   * @throws LegendaError when another size is not a whole number from 0 or the channels do not divide into the groups; `call`
   *   does when the input is not [N, inChannels, H, W] or has no place for a window
   */
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dOptions = {}) {
    super();
    const { groups = 1, bias = true, stride = 1, padding = 0, dilation = 1 } = options;
    requireWindow('Conv2d', { kernelSize, stride, padding, dilation });
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
