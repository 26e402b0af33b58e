import { timesOf } from '../dist/bench/rounds.js';

/**
 * Rounds of about so many seconds each, contestant after contestant. One that does not work is left out, and said so.
 * @param {readonly import('./child.js').Contestant[]} contestants
 * @param {number} rounds
 * @param {number} seconds of a contestant's round
 * @returns name, version, and median, least and greatest of the rounds' medians in milliseconds
 */
export async function competeByTime(contestants, rounds, seconds) {
  const steps = new Map();
  for (const contestant of contestants) {
    try {
      await contestant.ready();
      const { median } = timesOf((await contestant.run(3)).times);
      const count = Math.min(2000, Math.max(1, Math.ceil((1000 * seconds) / median)));
      await contestant.run(Math.ceil(count / 4));
      steps.set(contestant, count);
    } catch (error) {
      console.error(error.message);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [contestant, count] of steps)
      contestant.rounds.push(timesOf((await contestant.run(count)).times).median);
  }
  for (const contestant of contestants) await contestant.stop();
  return [...steps.keys()].map(({ name, version, rounds: own }) => ({ name, version, ...timesOf(own) }));
}
