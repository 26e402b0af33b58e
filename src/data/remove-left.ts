import { rm, stat, writeFile } from 'node:fs/promises';
import { describeFileError } from '../files.js';

/** A claim that is older than so many milliseconds is of a process that was killed: a claim takes a moment. */
const longestClaim = 20_000;

/**
 * Removes a file that a process left which is no more, to make it anew. Of several that would, one at a time looks whether it is still
 * so, and removes it: else the second might remove what the first has made meanwhile.
 * @param isStill whether the file is still the one that was left
 * @returns false where another is at it
 * @throws LegendaError when it cannot be removed
 */
export async function removeLeft(path: string, isStill: () => Promise<boolean>): Promise<boolean> {
  // the name of a temporary file, one for all
  const claim = `${path}.00000000.tmp`;
  if (!(await make(claim))) return false;
  try {
    if (await isStill()) await rm(path, { force: true });
  } catch (error) {
    throw describeFileError(error, `cannot take over ${path}`);
  } finally {
    await rm(claim, { force: true });
  }
  return true;
}

async function make(claim: string): Promise<boolean> {
  try {
    await writeFile(claim, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw describeFileError(error, `cannot write ${claim}`);
    const made = await stat(claim).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > longestClaim) await rm(claim, { force: true });
    return false;
  }
}
