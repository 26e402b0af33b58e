import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFileError } from '../../files.js';

/**
 * A folder of this search alone, deleted when it is disposed. SQLite's wasm build locks a database by making a folder beside
 * it, and nobody removes that of a process that was killed; in a folder that no other uses it stands in nobody's way.
 */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
  /** Why it is not in the archive, where it was wanted there. */
  readonly elsewhere?: string;
}

/** Milliseconds that a work folder is left alone: its search may live. */
const deadAfter = 60 * 60 * 1000;

const isWorkFolder = (name: string): boolean => /^\.search\.[0-9a-f]{8}\.tmp$/.test(name);

/** A work folder among the system's temporary files. @throws LegendaError when it cannot be made */
export async function makeTemporaryFolder(): Promise<WorkFolder> {
  try {
    return folderAt(await mkdtemp(join(tmpdir(), 'legenda-search-')));
  } catch (error) {
    throw describeFileError(error, `cannot make a folder in ${tmpdir()}`);
  }
}

/**
 * A work folder in the archive, from which a file can take its place there by being renamed; among the system's temporary
 * files where the archive may not be written to. Also deletes those in the archive that killed searches left.
 * @throws LegendaError when neither can be made
 */
export async function makeWorkFolder(dir: string): Promise<WorkFolder> {
  const path = join(dir, `.search.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await mkdir(path);
  } catch (error) {
    const elsewhere = describeFileError(error, `cannot write to ${dir}`).message;
    return { ...(await makeTemporaryFolder()), elsewhere };
  }
  await removeDead(dir);
  return folderAt(path);
}

const folderAt = (path: string): WorkFolder => ({
  path,
  [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
});

async function removeDead(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!isWorkFolder(name)) continue;
    const path = join(dir, name);
    const times = await Promise.all(
      [path, ...(await readdir(path).catch(() => [])).map((file) => join(path, file))].map((file) =>
        stat(file).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      ),
    );
    if (Date.now() - Math.max(...times) > deadAfter) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
