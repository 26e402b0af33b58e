/**
 * Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS
 * 2016) and its asynchronous kin (ASHA: Li and others, "A system for massively parallel hyperparameter tuning", MLSys 2020), as
 * a function of what trials have come to. Who trains what, and where, it does not know.
 */

/**
 * `synchronous`: all trials of a rung are waited for before any goes on, so that the same trials go on whatever is trained side by
 * side; `asynchronous`: a trial goes on as soon as it is among the best of those that came so far.
 */
export type HalvingMode = 'synchronous' | 'asynchronous';

export interface HalvingRule {
  /** Epochs after which trials are compared, rising; the last are those of the whole training. */
  readonly rungs: readonly number[];
  /** One in so many goes on, from 2. */
  readonly eta: number;
  readonly mode: HalvingMode;
}

/** How far a trial has come. */
export interface Standing {
  /** On validation at the end of each rung that it came to, larger is better; of one that stopped early, its last is its final one. */
  readonly scores: readonly number[];
  /**
   * `waiting`: not begun; `underway`: somewhere between two rungs; `paused`: at the end of the last rung that has a score;
   * `finished`: at its end, or as good as it will be; `out`: without a score at the rung that it was on its way to, for ever.
   */
  readonly state: 'waiting' | 'underway' | 'paused' | 'finished' | 'out';
}

/** Trials that are compared after as many epochs. Trials are numbered in their order. */
export interface Rung {
  readonly epochs: number;
  /** Those that have come, or are to come, to it. */
  readonly trials: readonly number[];
  /** Those of them that go on. */
  readonly promoted: readonly number[];
  /** Whether no other trial will come or go on. */
  readonly isComplete: boolean;
}

/** A trial that is to be trained, or gone on with, to the end of a rung. */
export interface Piece {
  readonly trial: number;
  /** Number of the rung, from 0. */
  readonly rung: number;
  readonly untilEpoch: number;
}

/** Who is in which rung. Of equally good trials the first goes on; one in `eta`, rounded down, of those that have come to an end there. */
export function rungsOf(trials: readonly Standing[], { rungs, eta, mode }: HalvingRule): Rung[] {
  let members: readonly number[] = [...trials.keys()];
  let isComplete = true;
  return rungs.map((epochs, k) => {
    const settled = members.filter((trial) => isSettled(trials[trial]!, k));
    isComplete &&= settled.length === members.length;
    const best = ranked(settled, trials, k).slice(0, Math.floor(settled.length / eta));
    const own = { epochs, trials: members, isComplete };
    if (k === rungs.length - 1) return { ...own, promoted: [] };
    const gone = members.filter((trial) => hasGoneOn(trials[trial]!, k));
    const promoted = mode === 'asynchronous' ? [...new Set([...gone, ...best])] : isComplete ? best : [];
    members = promoted.toSorted((a, b) => a - b);
    return { ...own, promoted: members };
  });
}

/**
 * What may be trained now, what matters most first: the highest rung, there what was begun, then the best. A worker that is free
 * takes the first that no other has; each change of a trial may add others.
 */
export function nextPieces(trials: readonly Standing[], rule: HalvingRule): Piece[] {
  const before = (trial: number, rung: number): number => (rung === 0 ? 0 : (scoreAt(trials[trial]!, rung - 1) ?? 0));
  const isBegun = (trial: number): number => (trials[trial]!.state === 'underway' ? 1 : 0);
  return rungsOf(trials, rule)
    .map(({ epochs, trials: members }, rung) =>
      members
        .filter((trial) => !isSettled(trials[trial]!, rung))
        .sort((a, b) => isBegun(b) - isBegun(a) || before(b, rung) - before(a, rung) || a - b)
        .map((trial) => ({ trial, rung, untilEpoch: epochs })),
    )
    .reverse()
    .flat();
}

/** Number of the last rung in which a trial was compared; -1 before the first. @param rungs as `rungsOf` gives them */
export const lastRung = (trial: number, standing: Standing, rungs: readonly Rung[]): number =>
  rungs.findLastIndex(({ trials }, k) => trials.includes(trial) && scoreAt(standing, k) !== undefined);

/** What a trial has at a rung: one that stopped early is as good at every later one as it was at its end. */
export const scoreAt = ({ scores, state }: Standing, rung: number): number | undefined =>
  scores[rung] ?? (state === 'finished' ? scores.at(-1) : undefined);

/** Whether there is nothing to wait for at a rung. */
const isSettled = (trial: Standing, rung: number): boolean =>
  scoreAt(trial, rung) !== undefined || trial.state === 'out' || trial.state === 'finished';

/** Whether a trial was trained beyond a rung. */
const hasGoneOn = ({ scores, state }: Standing, rung: number): boolean =>
  scores.length > rung + 1 || (scores.length === rung + 1 && (state === 'underway' || state === 'out'));

/** Those with a score, the best first. */
const ranked = (members: readonly number[], trials: readonly Standing[], rung: number): number[] =>
  members
    .filter((trial) => scoreAt(trials[trial]!, rung) !== undefined)
    .sort((a, b) => scoreAt(trials[b]!, rung)! - scoreAt(trials[a]!, rung)! || a - b);
