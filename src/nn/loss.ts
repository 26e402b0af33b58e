import { LegendaError, UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { add, constant, equal, logSoftmax, mul, neg, reduceMean, reduceSum, reshape, where } from '../ops/build.js';
import { formatType, tensor } from '../tensor/tensor.js';

/**
 * Mean negative log-likelihood (PyTorch's `nll_loss`): -1/N Σ logProbabilities[i, targets[i]].
 *
 * A target that is no class adds nothing to the sum, and no error comes: a graph cannot raise one. Labels are to be
 * checked where they enter: the readers of data sets do so, and `BatchSource` where it is told how many classes there are.
 *
 * @param logProbabilities [N, classes], natural logarithms, such as LogSoftmax gives
 * @param targets int64 [N], classes by number from 0
 * @returns a scalar, in nats
 * @throws LegendaError when the shapes or types are others
 */
export function nllLoss(logProbabilities: Value, targets: Value): Value {
  checkTargets('nllLoss', logProbabilities, targets);
  const [n, classes] = logProbabilities.shape as [number, number];
  const numbers = constant(targets, tensor('int64', [1, classes], [...Array(classes).keys()]));
  const chosen = where(equal(reshape(targets, [n, 1]), numbers), logProbabilities, 0);
  return mul(reduceSum(chosen), -1 / n);
}

/**
 * Mean cross-entropy of unnormalised scores (PyTorch's `cross_entropy`).
 * @param logits [N, classes]; log-probabilities give the same as in `nllLoss`
 * @param targets int64 [N], classes by number from 0; see `nllLoss` for numbers that are no class
 * @param labelSmoothing share of the target that is spread evenly over all classes, in [0, 1) (Szegedy et al., 2016)
 * @returns a scalar, in nats
 * @throws LegendaError when the shapes or types are others; UsageError when the share is out of range
 */
export function crossEntropy(logits: Value, targets: Value, labelSmoothing = 0): Value {
  checkTargets('crossEntropy', logits, targets);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new UsageError(`crossEntropy: a label smoothing in [0, 1) is expected, ${labelSmoothing} came`);
  }
  const logProbabilities = logSoftmax(logits);
  const hard = nllLoss(logProbabilities, targets);
  if (labelSmoothing === 0) return hard;
  const even = neg(reduceMean(logProbabilities));
  return add(mul(hard, 1 - labelSmoothing), mul(even, labelSmoothing));
}

function checkTargets(name: string, scores: Value, targets: Value): void {
  if (
    scores.shape.length !== 2 ||
    targets.dtype !== 'int64' ||
    targets.shape.length !== 1 ||
    targets.shape[0] !== scores.shape[0]
  ) {
    const came = `${formatType(scores)} and ${formatType(targets)} came`;
    throw new LegendaError(`${name}: scores [N, classes] and targets int64[N] are expected, ${came}`);
  }
}
