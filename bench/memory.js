// Resident memory while a training goes on and on.
import { fileURLToPath } from 'node:url';
import { timesOf } from '../dist/bench/rounds.js';
import { Contestant } from './child.js';

const script = fileURLToPath(new URL('contestants/legenda.js', import.meta.url));

/** Small, so that many steps take minutes. */
const smallSettings = { hidden: 64, embedding: 32, attention: 32 };

const trainings = [
  { name: '`fashion-cnn`, batch 8', given: ['fashion-cnn', '8', '{}'] },
  {
    name: '`captioner-attention`, batch 4, widths 64 and 32',
    given: ['captioner-attention', '4', JSON.stringify(smallSettings)],
  },
];

/** How many looks, early and late. */
export const looks = 5;
const medianOf = (bytes) => timesOf(bytes).median;

/**
 * V8 gives memory back now and then and takes it again: a small captioner's training was seen at 150, 162, 173 and 182 MB, and
 * later at the same again. So memory is looked at several times, early and late.
 * @param {number} early steps after which memory is looked at first
 * @param {number} late and last
 * @param {number} apart steps between two looks
 * @returns name, and the median resident bytes of the first looks and of the last, what is no longer used collected
 */
export async function watchMemory(early, late, apart) {
  const results = [];
  for (const { name, given } of trainings) {
    const contestant = new Contestant(name, [process.execPath, '--expose-gc', script, ...given, '1']);
    try {
      await contestant.ready();
      const resident = [];
      for (let steps = 0, next = early; steps < late; steps = next, next += apart)
        resident.push((await contestant.run(next - steps)).residentBytes);
      results.push({ name, before: medianOf(resident.slice(0, looks)), after: medianOf(resident.slice(-looks)) });
    } finally {
      contestant.stop();
    }
  }
  return results;
}
