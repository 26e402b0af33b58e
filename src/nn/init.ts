import { fillNormal, fillUniform } from '../tensor/random.js';
import type { Initialiser } from './parameter.js';

/**
 * Uniform in ±1/√fanIn: PyTorch's default for the weights and biases of Linear and Conv
 * (`kaiming_uniform_` with a = √5 comes to the same; torch.nn.modules.linear and conv).
 *
 * @param fanIn inputs that go into one output
 */
export const uniformFanIn = (fanIn: number): Initialiser => {
  const bound = fanIn === 0 ? 0 : 1 / Math.sqrt(fanIn);
  return (random, into) => {
    fillUniform(random, into, -bound, bound);
  };
};

/** Uniform in ±bound, such as √(6/(fanIn + fanOut)): PyTorch's `xavier_uniform_`. */
export const uniformIn =
  (bound: number): Initialiser =>
  (random, into) => {
    fillUniform(random, into, -bound, bound);
  };

/** Standard normal: PyTorch's default for Embedding. */
export const standardNormal: Initialiser = (random, into) => {
  fillNormal(random, into);
};
