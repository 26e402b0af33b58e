import type { Recipe } from '../recipe.js';
import type { HalvingMode } from './halving.js';
import type { Ranges } from './ranges.js';
import type { Grid } from './trials.js';

/** What a sweep is to try. */
export interface SweepPlan {
  readonly recipe: Recipe;
  /** Common to all trials. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Every combination is a trial; with `random`, each trial takes one value of each key. */
  readonly grid: Grid;
  /** Drawn combinations instead of all. */
  readonly random?: RandomSearch;
  /** Trains all trials a little, and the best of them further; all of them to their end when left out. */
  readonly halving?: Halving;
  /** Of the trainings, where the grid has none, and of what is drawn. */
  readonly seed: number;
  readonly dir: string;
}

export interface RandomSearch {
  /** How many are drawn, from 1. The first of them do not depend on how many there are. */
  readonly trials: number;
  readonly ranges: Ranges;
}

/** Successive halving: the trials that are best at the end of a rung are trained to the next one. */
export interface Halving {
  readonly mode: HalvingMode;
  /** One in so many goes on, to so many times the epochs; from 2. */
  readonly eta: number;
  /** Epochs of the first rung, from 1. */
  readonly minEpochs: number;
}
