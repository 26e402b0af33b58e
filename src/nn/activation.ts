import type { Value } from '../graph/graph.js';
import { add, div, erf, flatten, leakyRelu, logSoftmax, mul, relu, sigmoid, softmax, tanh } from '../ops/build.js';
import { Module } from './module.js';

/** max(x, 0), of any shape (PyTorch's `torch.nn.ReLU`). */
export class ReLU extends Module {
  protected forward(x: Value): Value {
    return relu(x);
  }
}

/** x where positive, negativeSlope·x elsewhere (PyTorch's `torch.nn.LeakyReLU`). */
export class LeakyReLU extends Module {
  readonly #negativeSlope: number;

  /** @param negativeSlope 0.01 when left out */
  constructor(negativeSlope = 0.01) {
    super();
    this.#negativeSlope = negativeSlope;
  }

  protected forward(x: Value): Value {
    return leakyRelu(x, this.#negativeSlope);
  }
}

/** 1 / (1 + exp(-x)), in (0, 1) (PyTorch's `torch.nn.Sigmoid`). */
export class Sigmoid extends Module {
  protected forward(x: Value): Value {
    return sigmoid(x);
  }
}

/** (exp(x) - exp(-x)) / (exp(x) + exp(-x)), in (-1, 1) (PyTorch's `torch.nn.Tanh`). */
export class Tanh extends Module {
  protected forward(x: Value): Value {
    return tanh(x);
  }
}

/** x·Φ(x), exact by erf (PyTorch's `torch.nn.GELU`; Hendrycks and Gimpel, 2016). */
export class GELU extends Module {
  protected forward(x: Value): Value {
    return mul(mul(x, 0.5), add(erf(div(x, Math.SQRT2)), 1));
  }
}

/** x·sigmoid(x), also called swish (PyTorch's `torch.nn.SiLU`; Elfwing et al., 2017). */
export class SiLU extends Module {
  protected forward(x: Value): Value {
    return mul(x, sigmoid(x));
  }
}

/** exp(x) / Σ exp(x) along an axis, the last when left out: probabilities (PyTorch's `torch.nn.Softmax`). */
export class Softmax extends Module {
  readonly #axis: number;

  /** @param axis negative ones count from the last; `call` throws LegendaError when the input has no such axis */
  constructor(axis = -1) {
    super();
    this.#axis = axis;
  }

  protected forward(x: Value): Value {
    return softmax(x, this.#axis);
  }
}

/** x - log Σ exp(x) along an axis, the last when left out: log-probabilities (PyTorch's `torch.nn.LogSoftmax`). */
export class LogSoftmax extends Module {
  readonly #axis: number;

  /** @param axis negative ones count from the last; `call` throws LegendaError when the input has no such axis */
  constructor(axis = -1) {
    super();
    this.#axis = axis;
  }

  protected forward(x: Value): Value {
    return logSoftmax(x, this.#axis);
  }
}

/** [N, …] → [N, all others as one] (PyTorch's `torch.nn.Flatten`). */
export class Flatten extends Module {
  protected forward(x: Value): Value {
    return flatten(x);
  }
}
