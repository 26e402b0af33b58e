import { LegendaError, UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import {
  add,
  cast,
  constant,
  div,
  equal,
  logSoftmax,
  mul,
  neg,
  not,
  reduceMean,
  reduceSum,
  reshape,
  where,
} from '../ops/build.js';
import { formatType, tensor } from '../tensor/tensor.js';

export interface NllLossOptions {
  /** Targets of this number count nothing, such as those that only fill up a batch (PyTorch's `ignore_index`). */
  readonly ignoreIndex?: number;
}

export interface CrossEntropyOptions extends NllLossOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1); 0 by default (Szegedy et al., 2016). */
  readonly labelSmoothing?: number;
}

/**
 * Mean negative log-likelihood (PyTorch's `nll_loss`): -1/N Σ logProbabilities[i, targets[i]], over the N targets that count.
 *
 * A target that is no class adds nothing to the sum, and no error comes: a graph cannot raise one. Labels are to be
 * checked where they enter: the readers of data sets do so, and `BatchSource` where it is told how many classes there are.
 *
 * @param logProbabilities [N, classes], natural logarithms, such as LogSoftmax gives
 * @param targets int64 [N], classes by number from 0
 * @returns a scalar, in nats; NaN when no target counts
 * @throws LegendaError when the shapes or types are others
 */
export function nllLoss(logProbabilities: Value, targets: Value, { ignoreIndex }: NllLossOptions = {}): Value {
  checkTargets('nllLoss', logProbabilities, targets);
  const [n, classes] = logProbabilities.shape as [number, number];
  const numbers = constant(targets, tensor('int64', [1, classes], [...Array(classes).keys()]));
  const chosen = where(equal(reshape(targets, [n, 1]), numbers), logProbabilities, 0);
  if (ignoreIndex === undefined) return mul(reduceSum(chosen), -1 / n);
  return neg(meanOfCounting(reduceSum(chosen, { axes: [1] }), targets, ignoreIndex));
}

/**
 * Mean cross-entropy of unnormalised scores (PyTorch's `cross_entropy`).
 * @param logits [N, classes]; log-probabilities give the same as in `nllLoss`
 * @param targets int64 [N], classes by number from 0; see `nllLoss` for numbers that are no class
 * @returns a scalar, in nats; NaN when no target counts
 * @throws LegendaError when the shapes or types are others; UsageError when the share is out of range
 */
export function crossEntropy(logits: Value, targets: Value, options: CrossEntropyOptions = {}): Value {
  const { labelSmoothing = 0, ignoreIndex } = options;
  checkTargets('crossEntropy', logits, targets);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new UsageError(`crossEntropy: a label smoothing in [0, 1) is expected, ${labelSmoothing} came`);
  }
  const logProbabilities = logSoftmax(logits);
  const hard = nllLoss(logProbabilities, targets, options);
  if (labelSmoothing === 0) return hard;
  const means = reduceMean(logProbabilities, { axes: [1] });
  const even = neg(ignoreIndex === undefined ? reduceMean(means) : meanOfCounting(means, targets, ignoreIndex));
  return add(mul(hard, 1 - labelSmoothing), mul(even, labelSmoothing));
}

/** The mean of the values [N] whose targets are not the one that is ignored. */
function meanOfCounting(values: Value, targets: Value, ignoreIndex: number): Value {
  const counts = cast(not(equal(targets, ignoreIndex)), values.dtype);
  return div(reduceSum(mul(values, counts)), reduceSum(counts));
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
