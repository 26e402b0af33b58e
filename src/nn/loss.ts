import type { Value } from '../graph/graph.js';
import { add, constant, equal, logSoftmax, mul, neg, reduceMean, reduceSum, reshape, where } from '../ops/build.js';
import { tensor } from '../tensor/tensor.js';

/**
 * Mean negative log-likelihood (PyTorch's `nll_loss`).
 * @param logProbabilities [N, classes]
 * @param targets int64 [N], classes by number
 * @returns a scalar
 */
export function nllLoss(logProbabilities: Value, targets: Value): Value {
  const [n, classes] = logProbabilities.shape as [number, number];
  const numbers = constant(targets, tensor('int64', [1, classes], [...Array(classes).keys()]));
  const chosen = where(equal(reshape(targets, [n, 1]), numbers), logProbabilities, 0);
  return mul(reduceSum(chosen), -1 / n);
}

/**
 * Mean cross-entropy of unnormalised scores (PyTorch's `cross_entropy`).
 * @param logits [N, classes]
 * @param targets int64 [N]
 * @param labelSmoothing share of the target that is spread evenly over all classes, in [0, 1)
 */
export function crossEntropy(logits: Value, targets: Value, labelSmoothing = 0): Value {
  const logProbabilities = logSoftmax(logits);
  const hard = nllLoss(logProbabilities, targets);
  if (labelSmoothing === 0) return hard;
  const even = neg(reduceMean(logProbabilities));
  return add(mul(hard, 1 - labelSmoothing), mul(even, labelSmoothing));
}
