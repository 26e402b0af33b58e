import { LegendaError } from '../errors.js';

/** Counts of predictions: `counts[actual][predicted]`. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** How a classifier did on labelled examples. */
export interface ClassificationScores {
  /** Mean negative log-likelihood of the right classes, in nats. */
  readonly loss: number;
  /** Share of examples whose likeliest class is the right one, in [0, 1]; of equals the first counts. */
  readonly accuracy: number;
  readonly confusion: ConfusionMatrix;
}

/**
 * The class with the largest score in a row; of equals the first.
 * @param scores [batch, classes], row by row
 */
export function likeliestClass(scores: ArrayLike<number>, row: number, classes: number): number {
  const start = row * classes;
  let likeliest = 0;
  for (let k = 1; k < classes; k++) if (scores[start + k]! > scores[start + likeliest]!) likeliest = k;
  return likeliest;
}

/** Adds up scores batch by batch: accuracy, mean loss and confusion matrix. */
export class ClassificationScorer {
  readonly #classes: number;
  readonly #confusion: number[][];
  #loss = 0;
  #count = 0;

  /** @param classes how many there are */
  constructor(classes: number) {
    this.#classes = classes;
    this.#confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /**
   * @param logProbabilities [batch, classes], row by row
   * @param labels [batch], classes by number from 0
   * @param count how many rows, from the first, are real
   * @throws LegendaError when a label is no class
   */
  add(logProbabilities: ArrayLike<number>, labels: ArrayLike<number | bigint>, count: number): void {
    for (let row = 0; row < count; row++) {
      const label = Number(labels[row]);
      if (!(label >= 0 && label < this.#classes))
        throw new LegendaError(`label ${label} is not below ${this.#classes}`);
      this.#loss -= logProbabilities[row * this.#classes + label]!;
      this.#confusion[label]![likeliestClass(logProbabilities, row, this.#classes)]!++;
    }
    this.#count += count;
  }

  /** Of all that was added; loss and accuracy are NaN when that is nothing. */
  scores(): ClassificationScores {
    const right = this.#confusion.reduce((sum, row, actual) => sum + row[actual]!, 0);
    return { loss: this.#loss / this.#count, accuracy: right / this.#count, confusion: this.#confusion };
  }
}
