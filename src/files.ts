import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LegendaError } from './errors.js';

/**
 * Writes a file whole or not at all: under a temporary name in the same folder, synced, then renamed over `path`.
 * @throws LegendaError naming the file when the disk is full, the quota reached or the folder not writable; what was at
 * `path` before is still there then.
 */
export const writeFileAtomic = (path: string, content: Uint8Array | string): Promise<void> =>
  atomically(path, (file) => file.writeFile(content));

/** Bytes that are gathered before they are written. */
const gathered = 2 ** 20;

/**
 * Writes lines as `writeFileAtomic` writes a file; however many there are, about a megabyte is in memory.
 * @param lines with their ends; what they throw is thrown, and nothing is written then
 * @throws LegendaError as `writeFileAtomic`'s
 */
export const writeLinesAtomic = (path: string, lines: AsyncIterable<string>): Promise<void> =>
  atomically(path, async (file) => {
    let waiting: string[] = [];
    let length = 0;
    for await (const line of lines) {
      waiting.push(line);
      length += line.length;
      if (length < gathered) continue;
      await file.writeFile(waiting.join(''));
      waiting = [];
      length = 0;
    }
    await file.writeFile(waiting.join(''));
  });

async function atomically(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await mkdirs(dirname(path));
    const file = await open(temporary, 'wx');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    // what is no system's error is of who gives what is written
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw describeFileError(error, `cannot write ${path}`);
  }
}

/** Makes a folder, with those that it is to be in, where it is not there. @throws LegendaError when it cannot be made */
export const makeFolder = (dir: string): Promise<void> =>
  mkdirs(dir).catch((error) => {
    throw describeFileError(error, `cannot make the folder ${dir}`);
  });

async function mkdirs(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw Object.assign(new Error(message, { cause: error }), { code: 'ENOTDIR', syscall: 'mkdir' });
    if (code !== 'ENOENT') throw error;
    await makeFirst(resolve(dir), error);
    await mkdir(dir, { recursive: true });
  }
}

/** Makes the first folder of a path that is missing: the system says why that fails, where Node's search for it says only ENOENT. */
async function makeFirst(path: string, error: unknown): Promise<void> {
  let missing = path;
  while (!(await exists(dirname(missing)))) missing = dirname(missing);
  await mkdir(missing).catch((own: NodeJS.ErrnoException) => {
    // a link that leads nowhere
    throw own.code === 'EEXIST' ? error : own;
  });
}

/** SHA-256 of a file in hexadecimal, a part of it in memory at a time. @throws LegendaError when it cannot be read */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (error) {
    throw describeFileError(error, `cannot read ${path}`);
  }
  return hash.digest('hex');
}

/**
 * Deletes what killed calls of `writeFileAtomic` left in a folder.
 * @param age milliseconds; what is younger stays
 * @throws LegendaError when that cannot be done
 */
export async function removeTemporaries(dir: string, age = 0): Promise<void> {
  try {
    for (const name of await readdir(dir)) {
      if (!isTemporary(name)) continue;
      const path = join(dir, name);
      const made = age > 0 ? await stat(path).catch(() => undefined) : undefined;
      if (made === undefined || Date.now() - made.mtimeMs > age) await rm(path, { force: true });
    }
  } catch (error) {
    throw describeFileError(error, `cannot clean ${dir}`);
  }
}

/** Whether a file is what a killed `writeFileAtomic` left. */
export const isTemporary = (name: string): boolean => /^\..+\.[0-9a-f]{8}\.tmp$/.test(name);

/**
 * Reads a file, or a pipe to its end, of at most `limit` bytes.
 * @throws LegendaError when it is missing, unreadable, a folder, or larger.
 */
export async function readFileBounded(path: string, limit: number): Promise<Uint8Array> {
  try {
    const about = await stat(path);
    if (about.size > limit)
      throw new LegendaError(`${path} has ${about.size} bytes, more than the ${limit} that are accepted`);
    const content = about.isFile() || about.isDirectory() ? await readFile(path) : await readPipe(path, limit);
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  } catch (error) {
    throw describeFileError(error, `cannot read ${path}`);
  }
}

/** What comes out of something that does not know its size, and may have no end. */
async function readPipe(path: string, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) throw new LegendaError(`${path} has more than the ${limit} bytes that are accepted`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than is allowed',
  EISDIR: 'it is a folder, a file was expected',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists already',
};

/** A system error as a LegendaError in plain words; a LegendaError stays as it is. */
export function describeFileError(error: unknown, what: string): LegendaError {
  if (error instanceof LegendaError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new LegendaError(`${what}: ${reasons[code] ?? (error as Error).message}`, { cause: error });
}

/** Whether something can be found at a path; what a link leads to counts. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
