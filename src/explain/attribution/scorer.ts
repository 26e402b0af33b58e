import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import type { CaptionNetwork } from '../../models/caption-network.js';
import type { AnyModule, Module } from '../../nn/module.js';
import type { Trace } from '../../nn/trace.js';
import {
  div,
  logSoftmax,
  mul,
  oneHot,
  reduceMax,
  reduceMean,
  reduceSum,
  reshape,
  softmax,
  transpose,
} from '../../ops/build.js';
import { tensor } from '../../tensor/tensor.js';
import { start } from '../../text/vocabulary.js';
import { moduleAt, outputOf } from '../layers/output-of.js';

/** What is asked of a network about images: K scores of each. */
export interface Scorer {
  /** Owns every module that `scores` calls. */
  readonly model: AnyModule;
  /**
   * @param images [N, C, H, W], as the model takes them
   * @returns [N, K]
   */
  scores(images: Value, trace: Trace): Value;
}

/** What a classifier gives for each class: K classes. */
export const classScores = (model: Module): Scorer => ({
  model,
  scores: (images, trace) => model.call(images, trace),
});

/**
 * How strongly each channel of a layer answers. K channels.
 * @param path of the layer in the model, such as `conv1`
 * @throws LegendaError naming the layers that there are; and, when it is traced, when that layer makes nothing that has channels
 */
export function channelScores(model: Module, path: string, pooling: 'mean' | 'max' = 'mean'): Scorer {
  const layer = moduleAt(model, path);
  return {
    model,
    scores: (images, trace) => {
      model.call(images, trace);
      const output = outputOf(trace, layer);
      const axes = output.shape.slice(2).map((_, i) => i + 2);
      if (axes.length === 0) return output;
      return pooling === 'mean' ? reduceMean(output, { axes }) : reduceMax(output, { axes });
    },
  };
}

/** How much more the places count that answer more. */
const sharpness = 8;

/**
 * How excited each channel of a layer is: its places' values over `scale`, each counting by the softmax of 8 times these. The most
 * excited places decide, and all others still tell which way is up. K channels.
 * @param scale what a large value is, by channel, above 0
 */
export function excitationScores(model: Module, path: string, scale: readonly number[]): Scorer {
  const layer = moduleAt(model, path);
  return {
    model,
    scores: (images, trace) => {
      model.call(images, trace);
      const output = outputOf(trace, layer);
      const [n, channels, ...places] = output.shape as [number, number, ...number[]];
      const values = reshape(output, [n, channels, places.reduce((product, side) => product * side, 1)]);
      const relative = div(values, trace.graph.constant(tensor('float32', [1, channels, 1], scale)));
      return reduceSum(mul(softmax(mul(relative, sharpness)), relative), { axes: [2] });
    },
  };
}

/**
 * How likely a captioner finds each word of a sentence, given the image and the words before: log-probabilities of K words.
 * @param network that takes images, not features
 * @param words by number, without the start; the end may be among them
 * @throws LegendaError when the sentence is empty
 */
export function wordScores(network: CaptionNetwork, words: readonly number[]): Scorer {
  if (words.length === 0) throw new LegendaError('a sentence without words has no scores');
  return {
    model: network,
    scores: (images, trace) => {
      const [n] = images.shape as [number, ...number[]];
      const before = [start, ...words.slice(0, -1)].flatMap((word) => Array<number>(n).fill(word));
      const taught = trace.graph.constant(tensor('int64', [before.length], before));
      const { scores } = network.call({ images, words: taught, batchSizes: words.map(() => n) }, trace); // (K·n, words)
      const each = reshape(logSoftmax(scores), [words.length, n, scores.shape[1]!]);
      const said = oneHot(trace.graph.constant(tensor('int64', [words.length, 1], [...words])), scores.shape[1]!); // (K, 1, words)
      return transpose(reduceSum(mul(each, said), { axes: [2] }), [1, 0]); // (n, K)
    },
  };
}
