// A small network of images of any size, on drawn data.
import {
  Conv2d,
  chooseStepsAtOnce,
  initialParameters,
  Linear,
  LogSoftmax,
  MaxPool2d,
  Module,
  ops,
  ReLU,
  sgd,
  tensor,
} from '../dist/index.js';
import { classifierStep } from '../dist/train/classifier.js';

/** Images [N, 3, s, s] → log-probabilities [N, 10]. */
class SmallCnn extends Module {
  conv1 = new Conv2d(3, 16, 3, { padding: 1 });
  conv2 = new Conv2d(16, 32, 3, { padding: 1 });
  relu = new ReLU();
  pool = new MaxPool2d(2);
  linear = new Linear(32, 10);
  logSoftmax = new LogSoftmax();

  forward(x, trace) {
    for (const conv of [this.conv1, this.conv2]) x = this.pool.call(this.relu.call(conv.call(x, trace), trace), trace); // (N, 32, s/4, s/4) in the end
    const mean = ops.reduceMean(x, { axes: [2, 3] }); // (N, 32)
    return this.logSoftmax.call(this.linear.call(mean, trace), trace); // (N, 10)
  }
}

/** A training step of it, as `timeStep` takes it. @param side of an image, a multiple of 4 */
export function drawSmallCnn(batch, side) {
  const model = new SmallCnn();
  const image = [3, side, side];
  const pixels = Float32Array.from({ length: batch * 3 * side ** 2 }, () => Math.random());
  const labels = Array.from({ length: batch }, (_, i) => i % 10);
  const start = performance.now();
  const definition = classifierStep({ model, batchSize: batch, labelSmoothing: 0, optimiser: sgd() }, image);
  return {
    recipe: 'small CNN',
    batch,
    definition,
    parameters: initialParameters(model, 1),
    feeds: { pixels: tensor('float32', [batch, ...image], pixels), labels: tensor('int64', [batch], labels) },
    learningRate: 0.01,
    stepsAtOnce: chooseStepsAtOnce(definition, 'cpu'),
    graphTime: performance.now() - start,
  };
}
