import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describeFileError, makeFolder } from '../files.js';
import { isRunning } from './processes.js';
import { removeLeft } from './remove-left.js';

/** Milliseconds between two looks at whether another process has ended. */
const interval = 200;

/** A lock without a process in it is of one that was killed while it made it, when it is older than so many milliseconds. */
const unwrittenAge = 5000;

/**
 * Does what only one process at a time may do: waits until no other does it.
 * @param lock a file that is there meanwhile, with the process's number; one that a killed process left is taken over
 * @throws LegendaError when the file cannot be made; the signal's reason when that is aborted while waiting
 */
export async function exclusively<T>(lock: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  await makeFolder(dirname(lock));
  while (!(await take(lock))) {
    const state = await stateOf(lock);
    if (state === 'free') continue;
    if (state === 'left' && (await removeLeft(lock, async () => (await stateOf(lock)) === 'left'))) continue;
    await setTimeout(interval, undefined, signal && { signal });
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw describeFileError(error, `cannot write ${lock}`);
  }
}

/** Whether a process has it, or one left it that is no more. */
async function stateOf(lock: string): Promise<'free' | 'held' | 'left'> {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (pid > 0) return isRunning(pid) ? 'held' : 'left';
  const made = await lstat(lock).catch(() => undefined);
  if (made === undefined) return 'free';
  return Date.now() - made.mtimeMs < unwrittenAge ? 'held' : 'left';
}
