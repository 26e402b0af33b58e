/** Losses of several steps: the last of them, their mean and what they lie between. */
export type LossBucket = readonly [step: number, mean: number, low: number, high: number];

interface Bucket {
  step: number;
  sum: number;
  count: number;
  low: number;
  high: number;
}

/**
 * The losses of a training, of which at most so many points are kept, however long it is: when there are more, every two
 * neighbours become one.
 */
export class LossCurve {
  readonly #most: number;
  #buckets: Bucket[] = [];
  /** Losses a bucket. */
  #width = 1;

  /** @param most points, an even number */
  constructor(most = 1024) {
    this.#most = most;
  }

  /** A loss that is not finite is left out. */
  add(step: number, loss: number): void {
    if (!Number.isFinite(loss)) return;
    const last = this.#buckets.at(-1);
    if (last && last.count < this.#width) merge(last, { step, sum: loss, count: 1, low: loss, high: loss });
    else this.#buckets.push({ step, sum: loss, count: 1, low: loss, high: loss });
    if (this.#buckets.length > this.#most) this.#halve();
  }

  /** Forgets what came after a step; of a point that reaches beyond it, all. */
  rewind(step: number): void {
    this.#buckets = this.#buckets.filter((bucket) => bucket.step <= step);
  }

  points(): LossBucket[] {
    return this.#buckets.map(({ step, sum, count, low, high }) => [step, sum / count, low, high]);
  }

  #halve(): void {
    const halved: Bucket[] = [];
    for (const [i, bucket] of this.#buckets.entries()) {
      if (i % 2 === 0) halved.push(bucket);
      else merge(halved.at(-1)!, bucket);
    }
    this.#buckets = halved;
    this.#width *= 2;
  }
}

function merge(into: Bucket, later: Bucket): void {
  into.step = later.step;
  into.sum += later.sum;
  into.count += later.count;
  into.low = Math.min(into.low, later.low);
  into.high = Math.max(into.high, later.high);
}
