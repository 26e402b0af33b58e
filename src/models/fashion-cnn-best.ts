import type { Value } from '../graph/graph.js';
import { Flatten, LogSoftmax, ReLU } from '../nn/activation.js';
import { BatchNorm2d } from '../nn/batch-norm2d.js';
import { Conv2d } from '../nn/conv2d.js';
import { Dropout } from '../nn/dropout.js';
import { Linear } from '../nn/linear.js';
import { Module } from '../nn/module.js';
import { MaxPool2d } from '../nn/pool.js';
import type { Trace } from '../nn/trace.js';

export interface FashionCnnBestOptions {
  /** Channels of the two convolutions. */
  readonly channels: readonly [number, number];
  /** Kernel sides of the two convolutions; padding keeps the image's size. */
  readonly kernels: readonly [number, number];
  /** Widths of the two hidden linear layers. */
  readonly hidden: readonly [number, number];
  readonly dropout: number;
}

/**
 * Two convolutions and three linear layers like the report's network, with batch normalisation and wider convolutions
 * in place of the wide linear layer. Pooling comes before normalisation, which then works on a quarter of the values.
 * Images [N, 1, 28, 28] → log-probabilities [N, 10].
 */
export class FashionCnnBest extends Module {
  readonly conv1: Conv2d;
  readonly pool1 = new MaxPool2d(2);
  readonly norm1: BatchNorm2d;
  readonly relu1 = new ReLU();
  readonly conv2: Conv2d;
  readonly pool2 = new MaxPool2d(2);
  readonly norm2: BatchNorm2d;
  readonly relu2 = new ReLU();
  readonly flatten = new Flatten();
  readonly dropout1: Dropout;
  readonly fc1: Linear;
  readonly relu3 = new ReLU();
  readonly dropout2: Dropout;
  readonly fc2: Linear;
  readonly relu4 = new ReLU();
  readonly fc3: Linear;
  readonly logSoftmax = new LogSoftmax();

  constructor({ channels: [first, second], kernels, hidden, dropout }: FashionCnnBestOptions) {
    super();
    // a bias before normalisation would be taken away by it
    this.conv1 = new Conv2d(1, first, kernels[0], { padding: Math.floor(kernels[0] / 2), bias: false });
    this.norm1 = new BatchNorm2d(first);
    this.conv2 = new Conv2d(first, second, kernels[1], { padding: Math.floor(kernels[1] / 2), bias: false });
    this.norm2 = new BatchNorm2d(second);
    this.dropout1 = new Dropout(dropout);
    this.fc1 = new Linear(second * 49, hidden[0]);
    this.dropout2 = new Dropout(dropout);
    this.fc2 = new Linear(hidden[0], hidden[1]);
    this.fc3 = new Linear(hidden[1], 10);
  }

  protected forward(x: Value, trace: Trace): Value {
    let h = this.pool1.call(this.conv1.call(x, trace), trace); // (N, first, 14, 14)
    h = this.relu1.call(this.norm1.call(h, trace), trace);
    h = this.pool2.call(this.conv2.call(h, trace), trace); // (N, second, 7, 7)
    h = this.relu2.call(this.norm2.call(h, trace), trace);
    h = this.dropout1.call(this.flatten.call(h, trace), trace); // (N, second·49)
    h = this.dropout2.call(this.relu3.call(this.fc1.call(h, trace), trace), trace); // (N, hidden[0])
    h = this.relu4.call(this.fc2.call(h, trace), trace); // (N, hidden[1])
    return this.logSoftmax.call(this.fc3.call(h, trace), trace); // (N, 10)
  }
}
