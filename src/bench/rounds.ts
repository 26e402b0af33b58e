import { quantileOf } from '../metrics/spread.js';

/** Something that is done again and again to see how long it takes. */
export interface Work {
  once(): Promise<unknown>;
  /** How often in each round. */
  readonly times: readonly number[];
}

/** Milliseconds. */
export interface Times {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
  /** How many were measured. */
  readonly count: number;
}

/**
 * Does all works round by round, each in turn, so that what disturbs the machine for a while disturbs them all.
 * @returns by work, the milliseconds of each time
 * @throws the signal's reason when it is aborted
 */
export async function timeInRounds(works: readonly Work[], signal?: AbortSignal): Promise<number[][]> {
  const times = works.map((): number[] => []);
  const rounds = Math.max(...works.map((work) => work.times.length));
  for (let round = 0; round < rounds; round++) {
    for (const [i, work] of works.entries()) {
      for (let left = work.times[round] ?? 0; left > 0; left--) {
        signal?.throwIfAborted();
        const start = performance.now();
        await work.once();
        times[i]!.push(performance.now() - start);
      }
    }
  }
  return times;
}

/** So many times in all, as evenly as can be over the rounds. */
export const spreadOver = (rounds: number, times: number): number[] =>
  Array.from({ length: rounds }, (_, i) => Math.floor(((i + 1) * times) / rounds) - Math.floor((i * times) / rounds));

export const timesOf = (times: readonly number[]): Times => ({
  median: quantileOf(times, 0.5),
  least: quantileOf(times, 0),
  greatest: quantileOf(times, 1),
  count: times.length,
});
