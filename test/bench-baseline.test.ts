import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { baselineSchema, countWatched, grownCounts } from '../src/bench/baseline.js';
import { readJson } from '../src/json.js';

test('training steps ask no more of a machine than the committed baseline', async () => {
  const { graphs } = await readJson(fileURLToPath(new URL('../bench/baseline.json', import.meta.url)), baselineSchema);
  const now = countWatched();
  expect(
    grownCounts(graphs, now),
    'graphs of training steps have grown; where that is meant, `npm run bench -- --baseline --counts` rewrites the baseline',
  ).toEqual([]);
  expect(Object.keys(graphs), 'the baseline and what is watched').toEqual(Object.keys(now));
});
