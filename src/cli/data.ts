import { Command } from 'commander';
import { LegendaError } from '../errors.js';
import { dataProgress } from './data-progress.js';
import { onInterrupt } from './frame/interrupt.js';
import { dataOption, jsonOption } from './frame/options.js';
import { note, paint, print, printJson } from './frame/output.js';
import { formatTable } from './frame/table.js';
import { formatBytes } from './progress.js';

interface Options {
  readonly data?: string;
  readonly json?: boolean;
}

interface GetOptions extends Options {
  readonly force?: boolean;
  readonly offline?: boolean;
}

export function dataCommand(): Command {
  const data = new Command('data').description('list, fetch and check data sets');
  data
    .command('list')
    .description('print the data sets that are known, and which are here')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(list);
  data
    .command('get')
    .description('fetch a data set into the data root, and check it')
    .argument('<name>', 'such as fashion-mnist')
    .option('--force', 'fetch again what is here already')
    .option('--offline', 'use no network')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(get);
  data
    .command('verify')
    .description('recompute the digests of what is here; exit status 1 when something is off')
    .argument('[name]', 'one data set; all that are here by default')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(verify);
  return data;
}

async function list(options: Options): Promise<void> {
  const { dataRoot } = await import('../data/root.js');
  const { knownSets, locateFiles } = await import('../data/registry.js');
  const root = dataRoot(options.data);
  const sets = await Promise.all(
    knownSets.map(async (set) => {
      const found = (await locateFiles(set, root)).filter((path) => path !== undefined);
      const bytes = set.files.files.reduce((sum, file) => sum + file.bytes, 0);
      const state = found.length === set.files.files.length ? 'here' : found.length > 0 ? 'incomplete' : 'absent';
      const { description, licence, bundled } = set;
      return { name: set.files.name, state, bundled, bytes, description, licence, files: found };
    }),
  );
  if (options.json) return printJson({ root, sets });
  const rows = sets.map(({ name, state, bundled, bytes, description }) => [
    name,
    bundled ? 'bundled' : state,
    formatBytes(bytes),
    description,
  ]);
  print(formatTable(['NAME', 'STATE', 'SIZE', 'WHAT'], rows, ['left', 'left', 'right']));
  note(`data root: ${root}`);
}

async function get(name: string, options: GetOptions): Promise<void> {
  const { dataRoot } = await import('../data/root.js');
  const { findSet } = await import('../data/registry.js');
  const { obtainFiles } = await import('../data/obtain.js');
  const { bundledRoot } = await import('../data/fashion-mnist.js');
  const { files, bundled } = findSet(name);
  const { force = false, offline = false } = options;
  using interrupt = onInterrupt();
  using progress = dataProgress();
  const { source } = await obtainFiles(files, {
    root: bundled ? bundledRoot : dataRoot(options.data),
    force: force && !bundled,
    offline,
    signal: interrupt.signal,
    ...progress.listeners,
  });
  progress[Symbol.dispose]();
  if (options.json) return printJson({ name, source });
  print(`${files.title}: ${files.files.length} files, all as they should be, from ${source}`);
}

async function verify(name: string | undefined, options: Options): Promise<void> {
  const { dataRoot } = await import('../data/root.js');
  const { findSet, knownSets, verifySet } = await import('../data/registry.js');
  const root = dataRoot(options.data);
  const results = [];
  for (const set of name === undefined ? knownSets : [findSet(name)]) {
    const checks = await verifySet(set, root);
    const absent = checks.every(({ state }) => state === 'missing');
    if (name !== undefined || !absent) results.push({ name: set.files.name, files: checks });
  }
  const checks = results.flatMap(({ files }) => files);
  if (options.json) printJson({ root, sets: results });
  else for (const { state, file, path, problem } of checks) print(formatCheck(state, path ?? file, problem));
  const off = checks.filter(({ state }) => state !== 'good');
  if (off.length > 0) {
    const names = off.map(({ file, path, state }) => `${path ?? file} (${state})`).join(', ');
    throw new LegendaError(`${off.length} of ${checks.length} files are not as they should be: ${names}`);
  }
}

function formatCheck(state: 'good' | 'wrong' | 'missing', what: string, problem?: string): string {
  const mark = state === 'good' ? paint('green', 'good') : paint('red', state);
  return `${mark}  ${what}${problem ? `\n      ${problem}` : ''}`;
}
