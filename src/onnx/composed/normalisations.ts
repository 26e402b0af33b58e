import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import * as build from '../../ops/build.js';
import { normaliseAxis, type Shape, sizeOf } from '../../tensor/shape.js';
import { type Bound, computed } from '../bound.js';
import type { Importer } from '../importer.js';
import type { NodeSource } from '../node-source.js';
import { composed } from './composed.js';

const meanOver = (x: Value, axes: readonly number[]): Value => build.reduceMean(x, { axes, keepdims: true });

const axesFrom = (shape: Shape, first: number): number[] => shape.flatMap((_, axis) => (axis < first ? [] : [axis]));

function statisticsOver(x: Value, axes: readonly number[]) {
  const mean = meanOver(x, axes);
  const centred = build.sub(x, mean);
  return { mean, centred, variance: meanOver(build.mul(centred, centred), axes) };
}

/** (x - mean) / √(variance + epsilon) */
const scaled = ({ centred, variance }: ReturnType<typeof statisticsOver>, epsilon = 1e-5): Value =>
  build.div(centred, build.sqrt(build.add(variance, epsilon)));

const normalised = (x: Value, axes: readonly number[], node: NodeSource): Value =>
  scaled(statisticsOver(x, axes), node.float('epsilon'));

/** A vector along the channels of images. */
const byChannel = (vector: Value, rank: number): Value =>
  build.reshape(vector, [vector.shape[0]!, ...new Array<number>(rank - 2).fill(1)]);

function instanceNormalization(x: Value, node: NodeSource): Value {
  const rank = x.shape.length;
  const [scale, bias] = [1, 2].map((index) => byChannel(node.bound(index).value(), rank)) as [Value, Value];
  const result = normalised(x, axesFrom(x.shape, 2), node);
  return build.add(build.mul(result, scale), bias);
}

/** Channels in groups, each group of an image normalised over all it has. Until opset 20 scale and bias are of groups. */
function groupNormalization(x: Value, node: NodeSource): Value {
  const [n, channels, ...spatial] = x.shape as [number, number, ...number[]];
  const groups = node.int('num_groups') ?? 0;
  if (groups < 1 || channels % groups !== 0)
    throw new LegendaError(`${channels} channels do not divide into ${groups} groups`);
  const parts = build.reshape(x, [n, groups, (channels / groups) * sizeOf(spatial)]);
  const result = build.reshape(normalised(parts, [2], node), x.shape);
  const each = (index: number): Value => {
    const given = node.bound(index).value();
    if (given.shape[0] === channels) return byChannel(given, x.shape.length);
    const repeated = build.expand(build.reshape(given, [groups, 1]), [groups, channels / groups]);
    return byChannel(build.reshape(repeated, [channels]), x.shape.length);
  };
  return build.add(build.mul(result, each(1)), each(2));
}

/** Normalised over the batch itself, as in training; the running statistics move towards the batch's. */
function batchNormalization(node: NodeSource): readonly Bound[] | undefined {
  if (node.int('training_mode') !== 1) return undefined;
  const [x, scale, bias, runningMean, runningVariance] = [0, 1, 2, 3, 4].map((index) => node.bound(index).value()) as [
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const own = statisticsOver(x, axes);
  const result = scaled(own, node.float('epsilon'));
  const momentum = node.float('momentum') ?? 0.9;
  const moved = (running: Value, now: Value): Value =>
    build.add(build.mul(running, momentum), build.mul(build.reshape(now, running.shape), 1 - momentum));
  return [
    computed(build.add(build.mul(result, byChannel(scale, x.shape.length)), byChannel(bias, x.shape.length))),
    computed(moved(runningMean, own.mean)),
    computed(moved(runningVariance, own.variance)),
  ];
}

function rmsNormalization(x: Value, node: NodeSource): Value {
  const axes = axesFrom(x.shape, normaliseAxis(node.int('axis') ?? -1, x.shape.length));
  const size = build.sqrt(build.add(meanOver(build.mul(x, x), axes), node.float('epsilon') ?? 1e-5));
  return build.mul(build.div(x, size), node.bound(1).value());
}

/** x / (bias + alpha/size · Σ x² over neighbouring channels)^beta (Krizhevsky et al., 2012) */
function localResponseNormalization(x: Value, node: NodeSource): Value {
  const [n, channels, ...spatial] = x.shape as [number, number, ...number[]];
  const size = node.int('size') ?? 0;
  if (size < 1) throw new LegendaError(`size is ${size}, a whole number from 1 is expected`);
  const before = Math.floor((size - 1) / 2);
  const window = {
    kernel: [size, 1],
    strides: [1, 1],
    pads: [before, 0, size - 1 - before, 0],
    dilations: [1, 1],
    countIncludePad: true,
  };
  const squares = build.reshape(build.mul(x, x), [n, 1, channels, sizeOf(spatial)]);
  const means = build.reshape(build.averagePool(squares, window), x.shape);
  const sums = build.add(build.mul(means, node.float('alpha') ?? 1e-4), node.float('bias') ?? 1);
  return build.div(x, build.pow(sums, node.float('beta') ?? 0.75));
}

function lpNormalization(x: Value, node: NodeSource): Value {
  const axes = [node.int('axis') ?? -1];
  const p = node.int('p') ?? 2;
  if (p !== 1 && p !== 2) throw new LegendaError(`p is ${p}, 1 or 2 is expected`);
  const sum = build.reduceSum(p === 1 ? build.abs(x) : build.mul(x, x), { axes, keepdims: true });
  return build.div(x, p === 1 ? sum : build.sqrt(sum));
}

function meanVarianceNormalization(x: Value, node: NodeSource): Value {
  const { centred, variance } = statisticsOver(x, node.ints('axes') ?? [0, 2, 3]);
  return build.div(centred, build.add(build.sqrt(variance), 1e-9));
}

export const normalisations: Readonly<Record<string, Importer>> = {
  BatchNormalization: batchNormalization,
  GroupNormalization: composed(groupNormalization),
  InstanceNormalization: composed(instanceNormalization),
  LpNormalization: composed(lpNormalization),
  LRN: composed(localResponseNormalization),
  MeanVarianceNormalization: composed(meanVarianceNormalization),
  RMSNormalization: composed(rmsNormalization),
};
