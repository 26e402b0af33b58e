// Resident memory while a training goes on and on.
import { fileURLToPath } from 'node:url';
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

/**
 * @param {number} early steps after which memory is looked at first
 * @param {number} late and last
 * @returns name, and resident bytes then and there, what is no longer used collected
 */
export async function watchMemory(early, late) {
  const results = [];
  for (const { name, given } of trainings) {
    const contestant = new Contestant(name, [process.execPath, '--expose-gc', script, ...given, '1']);
    try {
      await contestant.ready();
      const before = (await contestant.run(early)).residentBytes;
      const after = (await contestant.run(late - early)).residentBytes;
      results.push({ name, before, after });
    } finally {
      contestant.stop();
    }
  }
  return results;
}
