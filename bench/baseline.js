// What training steps cost, kept in bench/baseline.json, and whether they cost more now.
import { fileURLToPath } from 'node:url';
import { baselineSchema, countWatched, grownCounts, grownRatios } from '../dist/bench/baseline.js';
import { readJson } from '../dist/json.js';
import { bestOf, captioner, fashionCnn } from './contest.js';
import { commit, load, loadBefore, machine, today } from './machine.js';
import { writeFormatted } from './write.js';

const readBaseline = () => readJson(fileURLToPath(new URL('baseline.json', import.meta.url)), baselineSchema);

/** Time of a step over PyTorch's, with when and where; undefined where there is no PyTorch. */
async function measureRatios() {
  const contests = {
    'fashion-cnn, batch 8': () => fashionCnn(8, { withTfjs: false }),
    'fashion-cnn, batch 64': () => fashionCnn(64, { withTfjs: false }),
    'captioner-attention, batch 32': captioner,
  };
  const before = loadBefore();
  const ratios = {};
  for (const [name, hold] of Object.entries(contests)) {
    const results = await hold();
    const [ours, theirs] = [bestOf(results, 'Legenda'), bestOf(results, 'PyTorch')];
    if (theirs === undefined) return undefined;
    ratios[name] = Number((ours.median / theirs.median).toPrecision(3));
    console.log(
      `${name}: ${ours.median.toFixed(2)} ms, PyTorch ${theirs.median.toFixed(2)} ms, ratio ${ratios[name].toFixed(2)}`,
    );
  }
  return { ratios, measured: { date: today(), machine: machine(), commit: commit(), load: [before, load()] } };
}

/** @param countsOnly keeps the ratios as they are in the file */
export async function writeBaseline({ countsOnly }) {
  const graphs = countWatched();
  const { ratios, measured } = (countsOnly ? undefined : await measureRatios()) ?? (await readBaseline());
  writeFormatted('baseline.json', JSON.stringify({ graphs, ratios, measured }));
  console.log(`bench/baseline.json has today's counts and the ratios of ${measured?.date ?? 'no day'}`);
}

/** @returns the exit status: 1 where something has grown, which is printed */
export async function checkBaseline({ countsOnly }) {
  const { graphs, ratios } = await readBaseline();
  const now = countsOnly ? undefined : await measureRatios();
  const grown = [...grownCounts(graphs, countWatched()), ...grownRatios(ratios, now?.ratios ?? {})];
  for (const line of grown) console.log(`grown: ${line}`);
  console.log(grown.length === 0 ? 'nothing has grown' : 'npm run bench -- --baseline takes what is for what shall be');
  return grown.length === 0 ? 0 : 1;
}
