import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import type { Piece } from './halving.js';
import { runPieces } from './run-pieces.js';

test('what ends while it is looked at others is looked at again', async () => {
  const piece = (trial: number, rung: number): Piece => ({ trial, rung, untilEpoch: rung + 1 });
  const ends = new Map<number, () => void>();
  const done: string[] = [];
  let looks = 0;
  await runPieces({
    look: async () => {
      looks++;
      // the first two are begun at once; trial 1 ends while the folders are read after trial 0 has ended
      const isReady = done.length === 2;
      if (looks === 2) {
        ends.get(1)!();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return isReady ? [piece(0, 1)] : [piece(0, 0), piece(1, 0)];
    },
    run: async ({ trial, rung }) => {
      if (trial === 1) await new Promise<void>((resolve) => ends.set(1, resolve));
      done.push(`${trial}/${rung}`);
    },
    limit: pLimit(2),
    signal: undefined,
  });
  expect(done).toEqual(['0/0', '1/0', '0/1']);
});
