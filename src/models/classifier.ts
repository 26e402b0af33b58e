import type { Value } from '../graph/graph.js';
import { Flatten, LogSoftmax, ReLU, Softmax } from '../nn/activation.js';
import { Conv2d } from '../nn/conv2d.js';
import { Dropout } from '../nn/dropout.js';
import { Linear } from '../nn/linear.js';
import { Module } from '../nn/module.js';
import { MaxPool2d } from '../nn/pool.js';
import { Sequential } from '../nn/sequential.js';
import type { Trace } from '../nn/trace.js';

/** The report's Fashion-MNIST network: 769,930 parameters. Images [N, 1, 28, 28], float32 → log-probabilities [N, 10]. */
export class FashionCnn extends Module {
  readonly conv1 = new Conv2d(1, 16, 3, { padding: 1 });
  readonly relu1 = new ReLU();
  readonly pool1 = new MaxPool2d(2);
  readonly conv2 = new Conv2d(16, 32, 3);
  readonly relu2 = new ReLU();
  readonly pool2 = new MaxPool2d(2);
  readonly flatten = new Flatten();
  readonly fc1 = new Linear(1152, 600);
  readonly relu3 = new ReLU();
  readonly dropout: Dropout;
  readonly fc2 = new Linear(600, 120);
  readonly relu4 = new ReLU();
  readonly fc3 = new Linear(120, 10);
  readonly logSoftmax = new LogSoftmax();

  /**
   * @param dropout probability, in [0, 1), with which a value behind `fc1` is dropped in training
   * @throws UsageError when it is another
   */
  constructor(dropout = 0.3) {
    super();
    this.dropout = new Dropout(dropout);
  }

  protected forward(x: Value, trace: Trace): Value {
    let h = this.pool1.call(this.relu1.call(this.conv1.call(x, trace), trace), trace); // (N, 16, 14, 14)
    h = this.pool2.call(this.relu2.call(this.conv2.call(h, trace), trace), trace); // (N, 32, 6, 6)
    h = this.flatten.call(h, trace); // (N, 1152)
    h = this.dropout.call(this.relu3.call(this.fc1.call(h, trace), trace), trace); // (N, 600)
    h = this.relu4.call(this.fc2.call(h, trace), trace); // (N, 120)
    return this.logSoftmax.call(this.fc3.call(h, trace), trace); // (N, 10)
  }
}

/** The report's first counted network: images [N, 3, 28, 28] → probabilities [N, 10], 10,298 parameters. */
export const convPoolLinear = (): Sequential =>
  new Sequential({
    conv: new Conv2d(3, 8, 5), // (N, 8, 24, 24)
    pool: new MaxPool2d(4, { stride: 2 }), // (N, 8, 11, 11)
    flatten: new Flatten(), // (N, 968)
    linear: new Linear(968, 10),
    softmax: new Softmax(),
  });

/** The report's second counted network: images [N, 3, 28, 28] → probabilities [N, 10], 236,310 parameters. */
export const mlp = (): Sequential =>
  new Sequential({
    flatten: new Flatten(), // (N, 2352)
    linear1: new Linear(2352, 100),
    linear2: new Linear(100, 10),
    softmax: new Softmax(),
  });

/** A fully connected network for Fashion-MNIST, as wide as `mlp`: images [N, 1, 28, 28] → log-probabilities [N, 10], 79,510. */
export const fashionMlp = (): Sequential =>
  new Sequential({
    flatten: new Flatten(), // (N, 784)
    linear1: new Linear(784, 100),
    relu: new ReLU(),
    linear2: new Linear(100, 10),
    logSoftmax: new LogSoftmax(),
  });
