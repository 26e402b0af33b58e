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
import { sizeOf } from '../../tensor/shape.js';
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
 * How strongly each channel of a layer answers: its mean over all places, or its largest value. K channels.
 * @param path of the layer in the model, such as `conv1`
 * @throws LegendaError naming the layers that there are; and, when it is traced, when that layer makes nothing that has channels
 */
export const channelScores = (model: Module, path: string, pooling: 'mean' | 'max' = 'mean'): Scorer =>
  layerScores(model, path, (places) => (pooling === 'mean' ? reduceMean : reduceMax)(places, { axes: [2] }));

/** How much more the places count that answer more. */
const sharpness = 8;

/**
 * How excited each channel of a layer is: its places' values over `scale`, each counting by the softmax of 8 times these. The most
 * excited places decide, and all others still tell which way is up. K channels.
 * @param scale what a large value is, by channel, above 0
 * @throws LegendaError as `channelScores`
 */
export const excitationScores = (model: Module, path: string, scale: readonly number[]): Scorer =>
  layerScores(model, path, (places, trace) => {
    const relative = div(places, trace.graph.constant(tensor('float32', [1, scale.length, 1], scale)));
    return reduceSum(mul(softmax(mul(relative, sharpness)), relative), { axes: [2] });
  });

/** @param pool what a layer gives, [N, C, places] → [N, C] */
function layerScores(model: Module, path: string, pool: (places: Value, trace: Trace) => Value): Scorer {
  const layer = moduleAt(model, path);
  return {
    model,
    scores: (images, trace) => {
      model.call(images, trace);
      const output = outputOf(trace, layer);
      const [n, channels, ...places] = output.shape as [number, number, ...number[]];
      return pool(reshape(output, [n, channels, sizeOf(places)]), trace);
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
