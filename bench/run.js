// npm run bench [-- --dry-run]: a step against other libraries, to bench/RESULTS.md
// npm run bench -- --baseline | --check [--counts]: what steps cost, to bench/baseline.json, or compared with it
// npm run bench -- --fine-tune [--dry-run]: what training all of a known network takes, to bench/FINE-TUNE.md
// npm run bench -- --passes [--dry-run]: what each graph pass gives, to bench/PASSES.md
// npm run bench -- --growth [--dry-run]: how a step's time grows with sizes, to bench/GROWTH.md and docs/growth.svg
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkBaseline, writeBaseline } from './baseline.js';
import { measureFineTuning } from './fine-tune.js';
import { measureGrowth } from './growth.js';
import { measurePasses } from './passes.js';
import { measureResults } from './results.js';
import { writeFormatted } from './write.js';

const modes = ['baseline', 'check', 'fine-tune', 'growth', 'passes'];
const flags = [...modes, 'counts', 'dry-run'];

function parse() {
  try {
    const { values } = parseArgs({ options: Object.fromEntries(flags.map((flag) => [flag, { type: 'boolean' }])) });
    if (modes.filter((mode) => values[mode]).length > 1) throw new Error(`one of --${modes.join(', --')} is expected`);
    return values;
  } catch (error) {
    console.error(`bench: ${error.message}; there are --${flags.join(', --')}`);
    process.exit(2);
  }
}

const options = parse();
const countsOnly = options.counts === true;
if (options.baseline) await writeBaseline({ countsOnly });
else if (options.check) process.exitCode = await checkBaseline({ countsOnly });
else if (options.growth) {
  const { page, figure } = await measureGrowth();
  console.log(page);
  if (!options['dry-run']) {
    writeFormatted('GROWTH.md', page);
    writeFileSync(new URL('../docs/growth.svg', import.meta.url), figure);
  }
} else if (options['fine-tune']) {
  const page = await measureFineTuning();
  console.log(page);
  if (!options['dry-run']) writeFormatted('FINE-TUNE.md', page);
} else if (options.passes) {
  const page = await measurePasses();
  console.log(page);
  if (!options['dry-run']) writeFormatted('PASSES.md', page);
} else {
  const page = await measureResults();
  if (!options['dry-run']) writeFormatted('RESULTS.md', page);
}
