import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../../errors.js';

/**
 * The folders that a report is asked for, without slashes at their ends.
 * @throws UsageError when one comes twice, be it by another path, or is a sweep's, which says what to type then
 */
export async function runFolders(given: readonly string[]): Promise<string[]> {
  const dirs = given.map((dir) => dir.replace(/(?<=[^/\\])[/\\]+$/, ''));
  const seen = new Map<string, string>();
  for (const dir of dirs) {
    const path = await realpath(dir).catch(() => resolve(dir));
    const before = seen.get(path);
    if (before !== undefined)
      throw new UsageError(`the run ${dir} comes twice${before === dir ? '' : `: it is ${before} too`}`);
    seen.set(path, dir);
    await refuseSweep(dir);
  }
  return dirs;
}

/** Runs that are named one by one; of more there is a pattern. */
const named = 8;

async function refuseSweep(dir: string): Promise<void> {
  const { runsIn } = await import('../../recipes/sweep/folder.js');
  const { commandLine, list } = await import('../../report/format.js');
  const runs = await runsIn(dir);
  if (runs === undefined) return;
  if (runs.length === 0) throw new UsageError(`${dir} is a sweep, not a run, and has no runs yet`);
  const levels = Math.max(...runs.map((run) => run.split('/').length));
  const names = runs.length > named ? [...runs.slice(0, named), `${runs.length - named} more`] : runs;
  const command =
    runs.length > named
      ? `${commandLine('legenda', 'report', dir)}${'/*'.repeat(levels)}/`
      : commandLine('legenda', 'report', ...runs.map((run) => `${dir}/${run}`));
  throw new UsageError(`${dir} is a sweep, not a run; its runs are ${list(names)}: ${command}`);
}
