import { describe, expect, it } from 'vitest';
import { CaptionNetwork } from '../../models/caption-network.js';
import { CaptionerAttention } from '../../models/captioner-attention.js';
import { FashionCnn } from '../../models/classifier.js';
import { smallEncoder } from '../../models/small-encoder.js';
import { Flatten, LogSoftmax, ReLU, Tanh } from '../../nn/activation.js';
import { BatchNorm2d } from '../../nn/batch-norm2d.js';
import { Conv2d } from '../../nn/conv2d.js';
import { Dropout } from '../../nn/dropout.js';
import { Linear } from '../../nn/linear.js';
import { initialParameters } from '../../nn/module.js';
import { MaxPool2d } from '../../nn/pool.js';
import { Sequential } from '../../nn/sequential.js';
import { Trace } from '../../nn/trace.js';
import { interpret } from '../../ops/interpret.js';
import { nodeRuntime } from '../../runtime/node.js';
import { fillUniform, integer, stream } from '../../tensor/random.js';
import type { Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { end } from '../../text/vocabulary.js';
import { InputGradients } from './input-gradients.js';
import { integratedGradients } from './integrated-gradients.js';
import { maximise } from './maximise.js';
import { occlusion } from './occlusion.js';
import { saliency, sumOverChannels } from './saliency.js';
import { channelScores, classScores, type Scorer, wordScores } from './scorer.js';

const runtime = nodeRuntime({ threads: 1 });

const drawn = (shape: Shape, low = 0, high = 1): Float32Array => {
  const size = shape.reduce((product, side) => product * side, 1);
  return fillUniform(stream(5, 'pixels'), new Float32Array(size), low, high);
};

const classifier = new Sequential({
  conv: new Conv2d(2, 4, 3, { padding: 1 }),
  norm: new BatchNorm2d(4),
  relu: new ReLU(),
  pool: new MaxPool2d(2),
  flatten: new Flatten(),
  dropout: new Dropout(0.5),
  linear: new Linear(4 * 16, 5),
  logSoftmax: new LogSoftmax(),
});

const encoder = smallEncoder([4, 6, 8]);
const captioner = new CaptionNetwork(
  encoder,
  new CaptionerAttention({ vocabulary: 9, features: 8, embedding: 5, hidden: 6, attention: 4, dropout: 0.3 }),
);

describe('gradients in the pixels', () => {
  const cases: readonly (readonly [string, Scorer, Shape])[] = [
    ['of a class', classScores(classifier), [3, 2, 8, 8]],
    ["of a channel's mean", channelScores(classifier, 'norm'), [3, 2, 8, 8]],
    ["of a channel's largest value", channelScores(classifier, 'conv', 'max'), [3, 2, 8, 8]],
    ['of a channel without places', channelScores(classifier, 'linear'), [3, 2, 8, 8]],
    ['of a word', wordScores(captioner, [4, 7, 4, end]), [2, 3, 16, 16]],
  ];

  it.each(cases)('%s are those of finite differences', async (_, scorer, shape) => {
    const parameters = initialParameters(scorer.model, 3);
    const pixels = drawn(shape);
    await using model = await InputGradients.compile(runtime, scorer, shape, parameters);
    const weights = fillUniform(stream(6, 'weights'), new Float32Array(shape[0]! * model.count), -1, 1);
    const { scores, gradient } = await model.run(pixels, weights);
    expect(await model.scores(pixels)).toEqual(scores);
    const inDoubles = weighted(scorer, shape, parameters, weights);
    expect(scores.reduce((sum, score, i) => sum + score * weights[i]!, 0)).toBeCloseTo(inDoubles(pixels), 4);
    const random = stream(7, 'places');
    const compared = Array.from({ length: 24 }, () => {
      const at = integer(random, 0, pixels.length - 1);
      const step = 1e-4;
      const moved = (by: number) => inDoubles(Float64Array.from(pixels, (value, j) => (j === at ? value + by : value)));
      return { own: gradient[at]!, difference: (moved(step) - moved(-step)) / (2 * step) };
    });
    const largest = Math.max(...compared.map(({ difference }) => Math.abs(difference)));
    expect(largest).toBeGreaterThan(1e-5);
    for (const { own, difference } of compared) expect(Math.abs(own - difference)).toBeLessThan(2e-3 * largest);
  });

  /** The weighted sum of scores in double precision, by the interpreter. */
  function weighted(scorer: Scorer, shape: Shape, parameters: ReadonlyMap<string, Tensor>, weights: Float32Array) {
    const trace = new Trace(scorer.model, false);
    trace.graph.output('scores', scorer.scores(trace.graph.input('images', { dtype: 'float32', shape }), trace));
    return (pixels: Float32Array | Float64Array): number => {
      const images = { dtype: 'float64' as const, shape, data: Float64Array.from(pixels) };
      const { scores } = interpret(trace.graph, { ...Object.fromEntries(parameters), images });
      return Array.from(scores!.data).reduce((sum, score, i) => sum + score * weights[i]!, 0);
    };
  }

  it('refuse a layer that is not there, and one that has no channels', () => {
    expect(() => channelScores(classifier, 'conv9')).toThrow(
      'the model has no layer "conv9"; there are conv, norm, relu',
    );
    const scorer = channelScores(captioner as never, 'decoder.lstm');
    const trace = new Trace(captioner, false);
    expect(() =>
      scorer.scores(trace.graph.input('images', { dtype: 'float32', shape: [1, 3, 16, 16] }), trace),
    ).toThrow();
    expect(() => wordScores(captioner, [])).toThrow('without words');
  });
});

it('saliency is the largest gradient over the channels', () => {
  const gradient = Float32Array.of(1, -2, 3, 0, -4, 1, 0, 0.5);
  expect([...saliency(gradient, [1, 2, 2, 2])]).toEqual([4, 2, 3, 0.5]);
  expect([...sumOverChannels(gradient, [2, 2, 1, 2])]).toEqual([4, -2, -4, 1.5]);
});

describe('integrated gradients', () => {
  it('sum to the difference of the scores', async () => {
    const model = new FashionCnn();
    const parameters = initialParameters(model, 1);
    await using scores = await InputGradients.compile(runtime, classScores(model), [16, 1, 28, 28], parameters);
    const pixels = drawn([1, 28, 28], 0, 4);
    const baseline = new Float32Array(784);
    for (const score of [0, 7]) {
      const found = await integratedGradients(scores, pixels, score, { baseline });
      expect(Math.abs(found.difference)).toBeGreaterThan(0.01);
      expect(Math.abs(found.sum - found.difference)).toBeLessThanOrEqual(0.005 * Math.abs(found.difference));
    }
  });

  it('are the weights times the pixels in a linear network, and exact with one piece', async () => {
    const model = new Sequential({ flatten: new Flatten(), linear: new Linear(4, 2) });
    const parameters = initialParameters(model, 1);
    await using scores = await InputGradients.compile(runtime, classScores(model), [3, 1, 2, 2], parameters);
    const baseline = Float32Array.of(1, 0, 0.5, 0);
    const pixels = Float32Array.of(0.5, 1, 2, 0);
    const found = await integratedGradients(scores, pixels, 1, { baseline, pieces: 1 });
    const row = parameters.get('linear.weight')!.data.subarray(4, 8) as Float32Array;
    expect(found.pieces).toBe(1);
    found.attributions.forEach((value, i) => {
      expect(value).toBeCloseTo(row[i]! * (pixels[i]! - baseline[i]!), 6);
    });
  });

  it('take shorter pieces where the way bends, up to a limit', async () => {
    const model = new Sequential({
      flatten: new Flatten(),
      linear: new Linear(4, 8),
      tanh: new Tanh(),
      out: new Linear(8, 2),
    });
    const parameters = initialParameters(model, 1);
    await using scores = await InputGradients.compile(runtime, classScores(model), [4, 1, 2, 2], parameters);
    const options = { baseline: new Float32Array(4), pieces: 1 };
    const pixels = Float32Array.of(9, -7, 8, 5);
    const found = await integratedGradients(scores, pixels, 0, { ...options, tolerance: 1e-3 });
    expect(found.pieces).toBeGreaterThan(4);
    expect(Math.abs(found.sum / found.difference - 1)).toBeLessThanOrEqual(1e-3);
    const limited = await integratedGradients(scores, pixels, 0, { ...options, tolerance: 0, most: 6 });
    expect(limited.pieces).toBe(6);
    await expect(integratedGradients(scores, pixels, 0, { ...options, pieces: 0 })).rejects.toThrow(
      'pieces: a whole number',
    );
    await expect(integratedGradients(scores, pixels, 2, options)).rejects.toThrow('from 0 to 1 is expected, 2 came');
    await expect(integratedGradients(scores, pixels.subarray(1), 0, options)).rejects.toThrow('pixels: 4 values');
    const short = { ...options, baseline: new Float32Array(3) };
    await expect(integratedGradients(scores, pixels, 0, short)).rejects.toThrow(
      'baseline: 4 values are expected, 3 came',
    );
    expect(() => scores.choose([0, -1])).toThrow('-1 came');
    expect(() => scores.choose([0, 0, 0, 0, 0])).toThrow('scores of 4 images are chosen, 5 came');
  });
});

describe('occlusion', () => {
  it('of a linear network is what the covered pixels brought', async () => {
    const model = new Sequential({ flatten: new Flatten(), linear: new Linear(18, 2) });
    const parameters = initialParameters(model, 2);
    await using scores = await InputGradients.compile(runtime, classScores(model), [4, 2, 3, 3], parameters);
    const pixels = drawn([2, 3, 3]);
    const fill = [0.5, -1];
    const row = parameters.get('linear.weight')!.data.subarray(18, 36) as Float32Array;
    const brings = (place: number) =>
      [0, 1].reduce((sum, channel) => {
        const at = channel * 9 + place;
        return sum + row[at]! * (pixels[at]! - fill[channel]!);
      }, 0);
    const alone = await occlusion(scores, pixels, 1, { size: 1, stride: 1, fill });
    alone.forEach((drop, place) => {
      expect(drop).toBeCloseTo(brings(place), 5);
    });
    // the corner is in four squares of two: that of itself, with its right, with its lower, and with all three neighbours
    const squares = await occlusion(scores, pixels, 1, { size: 2, stride: 1, fill });
    const [own, right, below, across] = [0, 1, 3, 4].map(brings) as [number, number, number, number];
    expect(squares[0]).toBeCloseTo((4 * own + 2 * right + 2 * below + across) / 4, 5);
  });

  it('refuses squares with gaps between them', async () => {
    const model = new Sequential({ flatten: new Flatten(), linear: new Linear(4, 2) });
    await using scores = await InputGradients.compile(
      runtime,
      classScores(model),
      [1, 1, 2, 2],
      initialParameters(model, 1),
    );
    const options = { size: 1, stride: 2, fill: [0] };
    await expect(occlusion(scores, new Float32Array(4), 0, options)).rejects.toThrow('1 ≤ stride ≤ size');
    const covering = { size: 1, stride: 1, fill: [0] };
    await expect(occlusion(scores, new Float32Array(4), 2, covering)).rejects.toThrow(
      'from 0 to 1 is expected, 2 came',
    );
    await expect(occlusion(scores, new Float32Array(5), 0, covering)).rejects.toThrow('pixels: 4 values');
    await expect(occlusion(scores, new Float32Array(4), 0, { ...covering, fill: [] })).rejects.toThrow('fill: a value');
  });
});

describe('pictures that excite a channel', () => {
  const options = { runtime, image: [2, 8, 8], mean: [0.5, 0.4], std: [0.25, 0.2], seed: 1 };
  const scorer = channelScores(classifier, 'conv');
  const parameters = initialParameters(classifier, 3);

  it('excite it more than they did, within [0, 1], and are the same for the same seed', async () => {
    const found = await maximise(scorer, [0, 2, 3], parameters, options);
    expect(found.pictures).toHaveLength(3 * 2 * 64);
    for (const value of found.pictures) expect(value >= 0 && value <= 1).toBe(true);
    found.after.forEach((score, i) => {
      expect(score).toBeGreaterThan(found.before[i]! + 0.3);
    });
    expect(await maximise(scorer, [0, 2, 3], parameters, options)).toEqual(found);
    expect((await maximise(scorer, [0, 2, 3], parameters, { ...options, seed: 2 })).pictures).not.toEqual(
      found.pictures,
    );
  });

  it('of several channels are those of each alone', async () => {
    const alone = await maximise(scorer, [2], parameters, { ...options, steps: 40 });
    const together = await maximise(scorer, [2, 0], parameters, { ...options, steps: 40 });
    expect(together.after[0]).toBeCloseTo(alone.after[0]!, 3);
  });

  it('are smoother when that is asked for', async () => {
    const rough = (pictures: Float32Array) =>
      pictures.reduce((sum, value, i) => (i % 8 === 7 ? sum : sum + (pictures[i + 1]! - value) ** 2), 0);
    const [free, smooth] = [
      await maximise(scorer, [1], parameters, { ...options, smoothness: 0 }),
      await maximise(scorer, [1], parameters, { ...options, smoothness: 40 }),
    ];
    expect(rough(smooth.pictures)).toBeLessThan(0.5 * rough(free.pictures));
  });

  it('refuses no steps', async () => {
    await expect(maximise(scorer, [0], parameters, { ...options, steps: 0 })).rejects.toThrow('steps: a whole number');
    await expect(maximise(scorer, [99], parameters, options)).rejects.toThrow('99 came');
    await expect(maximise(scorer, [0], parameters, { ...options, std: [0, 1] })).rejects.toThrow('std: numbers');
    await expect(maximise(scorer, [0], parameters, { ...options, mean: [0] })).rejects.toThrow(
      'mean: a number for each',
    );
  });
});
