import { LegendaError, UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import {
  add,
  cast,
  clip,
  constant,
  div,
  equal,
  gather,
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
  /** What the sum is divided by, above 0; the number of targets that count when left out. */
  readonly over?: number;
}

export interface CrossEntropyOptions extends NllLossOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1); 0 by default (Szegedy et al., 2016). */
  readonly labelSmoothing?: number;
}

/**
 * Mean negative log-likelihood (PyTorch's `nll_loss`): -1/N Σ logProbabilities[i, targets[i]], over the N targets that count.
 * With `over`, which takes N's place, batches count as much as they have targets.
 *
 * A target that is no class adds nothing to the sum, and no error comes: a graph cannot raise one. Labels are to be
 * checked where they enter: the readers of data sets do so, and `BatchSource` where it is told how many classes there are.
 *
 * @param logProbabilities [N, classes], natural logarithms, such as LogSoftmax gives
 * @param targets int64 [N], classes by number from 0
 * @returns a scalar, in nats; NaN when no target counts and `over` is left out
 * @throws LegendaError when the shapes or types are others; UsageError when `over` is not above 0
 */
export function nllLoss(logProbabilities: Value, targets: Value, options: NllLossOptions = {}): Value {
  const { ignoreIndex, over } = options;
  if (over !== undefined && !(over > 0)) throw new UsageError(`over: a number above 0 is expected, ${over} came`);
  checkTargets('nllLoss', logProbabilities, targets);
  const [n, classes] = logProbabilities.shape as [number, number];
  const nearest = clip(targets, 0, classes - 1);
  const rows = constant(
    targets,
    tensor(
      'int64',
      [n],
      Array.from({ length: n }, (_, row) => row * classes),
    ),
  );
  const picked = gather(reshape(logProbabilities, [n * classes]), add(rows, nearest));
  const chosen = where(equal(nearest, targets), picked, 0); // [n]
  if (ignoreIndex === undefined) return mul(reduceSum(chosen), -1 / (over ?? n));
  return neg(meanOfCounting(chosen, targets, options));
}

/**
 * Mean cross-entropy of unnormalised scores (PyTorch's `cross_entropy`).
 * @param logits [N, classes]; log-probabilities give the same as in `nllLoss`
 * @param targets int64 [N], classes by number from 0; see `nllLoss` for numbers that are no class
 * @returns a scalar, in nats; NaN when no target counts and `over` is left out
 * @throws LegendaError when the shapes or types are others; UsageError when a number is out of range
 */
export function crossEntropy(logits: Value, targets: Value, options: CrossEntropyOptions = {}): Value {
  const { labelSmoothing = 0 } = options;
  checkTargets('crossEntropy', logits, targets);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new UsageError(`crossEntropy: a label smoothing in [0, 1) is expected, ${labelSmoothing} came`);
  }
  const logProbabilities = logSoftmax(logits);
  const hard = nllLoss(logProbabilities, targets, options);
  if (labelSmoothing === 0) return hard;
  const means = reduceMean(logProbabilities, { axes: [1] });
  const even = neg(meanOfCounting(means, targets, options));
  return add(mul(hard, 1 - labelSmoothing), mul(even, labelSmoothing));
}

/** The mean of the values [N] whose targets count. */
function meanOfCounting(values: Value, targets: Value, { ignoreIndex, over }: NllLossOptions): Value {
  if (ignoreIndex === undefined) return over === undefined ? reduceMean(values) : mul(reduceSum(values), 1 / over);
  const isIgnored = equal(targets, ignoreIndex);
  // what is ignored may be infinite: a class that is masked out of the scores
  const sum = reduceSum(where(isIgnored, 0, values));
  return over === undefined ? div(sum, reduceSum(cast(not(isIgnored), values.dtype))) : mul(sum, 1 / over);
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
