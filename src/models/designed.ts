import { LegendaError, UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { Flatten, GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Tanh } from '../nn/activation.js';
import { BatchNorm2d } from '../nn/batch-norm2d.js';
import { Conv2d } from '../nn/conv2d.js';
import { Dropout } from '../nn/dropout.js';
import { Linear } from '../nn/linear.js';
import type { Module } from '../nn/module.js';
import { AvgPool2d, MaxPool2d } from '../nn/pool.js';
import { Sequential } from '../nn/sequential.js';
import { Trace } from '../nn/trace.js';
import { formatShape, type Shape } from '../tensor/shape.js';

/** Layers without numbers of their own. */
const plain = {
  ReLU: () => new ReLU(),
  LeakyReLU: () => new LeakyReLU(),
  GELU: () => new GELU(),
  SiLU: () => new SiLU(),
  Sigmoid: () => new Sigmoid(),
  Tanh: () => new Tanh(),
  Flatten: () => new Flatten(),
  Softmax: () => new Softmax(),
  LogSoftmax: () => new LogSoftmax(),
};

export type PlainLayer = keyof typeof plain;

export const plainLayers = Object.keys(plain) as readonly PlainLayer[];

/** A layer as one says it: how much comes in is known from the layer before. */
export type LayerDesign =
  | {
      readonly type: 'Conv2d';
      /** Channels that come out. */
      readonly channels: number;
      /** Side of the kernel. */
      readonly kernel: number;
      /** 1 when left out. */
      readonly stride?: number | undefined;
      /** 0 when left out. */
      readonly padding?: number | undefined;
    }
  | {
      readonly type: 'MaxPool2d' | 'AvgPool2d';
      readonly kernel: number /** The kernel when left out. */;
      readonly stride?: number | undefined;
    }
  | { readonly type: 'Linear' /** Numbers that come out. */; readonly features: number }
  | { readonly type: 'Dropout' /** Probability with which a value is dropped in training. */; readonly p: number }
  | { readonly type: 'BatchNorm2d' }
  | { readonly type: PlainLayer };

/** A network of layers one after the other, and what comes out of each. */
export interface DesignedNetwork {
  readonly model: Sequential;
  /** Shapes of one example, after each layer. */
  readonly outputs: readonly Shape[];
}

/** What is wrong with a layer of a design. */
export class DesignError extends UsageError {
  override name = 'DesignError';
  /** Its place, from 0. */
  readonly layer: number;

  constructor(layer: number, { type }: LayerDesign, reason: string) {
    super(`layer ${layer + 1}, ${type}: ${reason}`);
    this.layer = layer;
  }
}

/**
 * Builds a network of layers, each fitted to what the one before gives. Layers are called by their places: `0`, `1`, ….
 * @param image shape of one example: channels, height, width
 * @throws DesignError naming the first layer that does not fit
 */
export function designed(image: Shape, layers: readonly LayerDesign[]): DesignedNetwork {
  const modules: Module[] = [];
  const outputs: Shape[] = [];
  let shape = image;
  for (const [i, layer] of layers.entries()) {
    try {
      const module = build(layer, shape);
      const trace = new Trace(module, false);
      const output: Value = module.call(trace.graph.input('input', { dtype: 'float32', shape: [1, ...shape] }), trace);
      shape = output.shape.slice(1);
      modules.push(module);
      outputs.push(shape);
    } catch (error) {
      if (error instanceof LegendaError) throw new DesignError(i, layer, error.message);
      throw error;
    }
  }
  return { model: new Sequential(modules), outputs };
}

function build(layer: LayerDesign, input: Shape): Module {
  switch (layer.type) {
    case 'Conv2d': {
      const { channels, kernel, stride = 1, padding = 0 } = layer;
      return new Conv2d(channelsOf(input), whole('channels', channels), whole('kernel', kernel), {
        stride: whole('stride', stride),
        padding: whole('padding', padding, 0),
      });
    }
    case 'MaxPool2d':
    case 'AvgPool2d': {
      channelsOf(input);
      const { kernel, stride = kernel } = layer;
      const Pool = layer.type === 'MaxPool2d' ? MaxPool2d : AvgPool2d;
      return new Pool(whole('kernel', kernel), { stride: whole('stride', stride) });
    }
    case 'BatchNorm2d':
      return new BatchNorm2d(channelsOf(input));
    case 'Linear': {
      const [size] = input;
      if (input.length !== 1)
        throw new LegendaError(`a vector is expected, ${formatShape(input)} comes in: put Flatten before it`);
      return new Linear(size!, whole('features', layer.features));
    }
    case 'Dropout':
      return new Dropout(layer.p);
    default:
      return plain[layer.type]();
  }
}

function channelsOf(input: Shape): number {
  if (input.length === 3) return input[0]!;
  throw new LegendaError(`channels, height and width are expected, ${formatShape(input)} comes in`);
}

function whole(what: string, value: number, least = 1): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new LegendaError(`${what}: a whole number from ${least} is expected, ${value} came`);
}

/** The report's first counted network, 10,298 parameters, of images 3×28×28. */
export const convPoolLinearDesign: readonly LayerDesign[] = [
  { type: 'Conv2d', channels: 8, kernel: 5 },
  { type: 'MaxPool2d', kernel: 4, stride: 2 },
  { type: 'Flatten' },
  { type: 'Linear', features: 10 },
  { type: 'Softmax' },
];

/** The report's second counted network, 236,310 parameters, of images 3×28×28. */
export const mlpDesign: readonly LayerDesign[] = [
  { type: 'Flatten' },
  { type: 'Linear', features: 100 },
  { type: 'Linear', features: 10 },
  { type: 'Softmax' },
];

/** Its last layer gives probabilities or their logarithms: what a loss of class labels is taken of comes before it. */
export const withoutEnd = (layers: readonly LayerDesign[]): readonly LayerDesign[] =>
  layers.at(-1)?.type === 'Softmax' || layers.at(-1)?.type === 'LogSoftmax' ? layers.slice(0, -1) : layers;
