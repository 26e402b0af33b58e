// Everything that a reviewer would check by hand: `npm run check`. One line a check; output only of those that fail.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'legenda-check-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

/** The JavaScript that a package's command is. */
const bins = {
  attw: 'node_modules/@arethetypeswrong/cli/dist/index.js',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  depcruise: 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
  knip: 'node_modules/knip/bin/knip.js',
  publint: 'node_modules/publint/src/cli.js',
  'svelte-check': 'node_modules/svelte-check/bin/svelte-check',
  tsc: 'node_modules/typescript/bin/tsc',
};

const node = (bin, ...args) => execute(process.execPath, [bins[bin] ?? bin, ...args]);

/** Longest first, so that two at a time end together. */
const checks = {
  types: () => node('tsc', '--noEmit'),
  'package exports': checkPackage,
  'types of the studio': () =>
    node('svelte-check', ...'--workspace apps/studio --tsconfig ./tsconfig.json --fail-on-warnings'.split(' ')),
  'layers of src/': () => node('depcruise', 'src'),
  'unused code': () => node('knip', '--no-progress', '--no-config-hints'),
  'format and lint': () => node('biome', 'ci', '--colors=off', '--error-on-warnings', '.'),
};

const start = performance.now();
// What is checked is what is built: types of tests and of the studio are held against it, and src/ is checked by building it.
const built = await node('scripts/setup.js');
if (built.status !== 0) {
  console.log(`FAIL build\n${built.output}`);
  process.exit(1);
}
const waiting = Object.entries(checks);
let failed = 0;
// Two at a time even on one core: each waits for the disk now and then.
await Promise.all(Array.from({ length: Math.max(2, availableParallelism() - 1) }, work));
console.log(failed === 0 ? `all good (${since(start)})` : `${failed} of ${Object.keys(checks).length} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, check] = next;
    const began = performance.now();
    const { status, output } = await check();
    console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${since(began)})`);
    if (status === 0) continue;
    failed++;
    console.log(output.trimEnd().replace(/^/gm, '     '));
  }
}

/** What npm would publish: are its entry points there, and do their types resolve? */
async function checkPackage() {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const packed = await execute(npm, ['pack', '--ignore-scripts', '--pack-destination', temporary]);
  if (packed.status !== 0) return packed;
  const tarball = join(temporary, readdirSync(temporary)[0]);
  const linted = await node('publint', 'run', '--strict', tarball);
  if (linted.status !== 0) return linted;
  return node('attw', tarball, '--profile', 'esm-only', '--no-emoji');
}

function execute(command, args) {
  return new Promise((resolve) => {
    const shell = process.platform === 'win32' && command.endsWith('.cmd');
    const child = spawn(command, args, { cwd: root, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => resolve({ status: 1, output: `${command}: ${error.message}` }));
    child.on('close', (status) => resolve({ status, output }));
  });
}

function since(began) {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
