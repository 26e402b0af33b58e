import type { Value } from '../graph/graph.js';
import { add, div, erf, flatten, leakyRelu, logSoftmax, mul, relu, sigmoid, softmax, tanh } from '../ops/build.js';
import { Module } from './module.js';

/** max(x, 0) */
export class ReLU extends Module {
  protected forward(x: Value): Value {
    return relu(x);
  }
}

/** x where positive, negativeSlope·x elsewhere. */
export class LeakyReLU extends Module {
  readonly #negativeSlope: number;

  constructor(negativeSlope = 0.01) {
    super();
    this.#negativeSlope = negativeSlope;
  }

  protected forward(x: Value): Value {
    return leakyRelu(x, this.#negativeSlope);
  }
}

/** 1 / (1 + exp(-x)) */
export class Sigmoid extends Module {
  protected forward(x: Value): Value {
    return sigmoid(x);
  }
}

export class Tanh extends Module {
  protected forward(x: Value): Value {
    return tanh(x);
  }
}

/** x·Φ(x), exact by erf (Hendrycks and Gimpel, 2016). */
export class GELU extends Module {
  protected forward(x: Value): Value {
    return mul(mul(x, 0.5), add(erf(div(x, Math.SQRT2)), 1));
  }
}

/** x·sigmoid(x), also called swish. */
export class SiLU extends Module {
  protected forward(x: Value): Value {
    return mul(x, sigmoid(x));
  }
}

/** Probabilities along an axis, the last when left out. */
export class Softmax extends Module {
  readonly #axis: number;

  constructor(axis = -1) {
    super();
    this.#axis = axis;
  }

  protected forward(x: Value): Value {
    return softmax(x, this.#axis);
  }
}

/** Logarithms of probabilities along an axis, the last when left out. */
export class LogSoftmax extends Module {
  readonly #axis: number;

  constructor(axis = -1) {
    super();
    this.#axis = axis;
  }

  protected forward(x: Value): Value {
    return logSoftmax(x, this.#axis);
  }
}

/** [N, …] → [N, all others as one]. */
export class Flatten extends Module {
  protected forward(x: Value): Value {
    return flatten(x);
  }
}
