import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { LegendaError, UsageError } from '../errors.js';
import { describeFileError, makeFolder } from '../files.js';
import { isRunning } from './processes.js';
import { removeLeft } from './remove-left.js';

/** The file in a held folder that says who holds it. */
export const holdFile = '.held.json';

/** Milliseconds between two beats of a holder, by which others see that it lives. */
const beatEvery = 2000;

/** A holder of another machine that has not given a beat for so long, by the onlooker's clock, is gone. */
const silence = 20_000;

/** Between two looks at a holder. */
const lookEvery = 250;

const holderSchema = z.object({
  token: z.string(),
  /** For people: names of machines need not differ. */
  host: z.string(),
  /** Where processes are counted: a running kernel, and a container of it. */
  pids: z.string(),
  pid: z.int().min(1),
  beat: z.int().min(0),
});

type Holder = z.infer<typeof holderSchema>;

export interface HoldOptions {
  /** Milliseconds to wait for a holder that lives; 0 by default: refused as soon as that is known. */
  readonly patience?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Another process works in a folder. */
export class FolderHeld extends UsageError {
  override name = 'FolderHeld';
}

/** Another process took a folder over: nothing more may be written there. */
export class FolderLost extends LegendaError {
  override name = 'FolderLost';
}

/** A folder that is ours until disposed. */
export interface Hold extends AsyncDisposable {
  /** Aborted, with a FolderLost, when another process took the folder over because this one gave no sign of life for too long. */
  readonly lost: AbortSignal;
  /** Looks whether the folder is still ours: to be asked before something is written. @throws FolderLost when it is another's */
  check(): Promise<void>;
}

/**
 * Sees to it that one process at a time works in a folder, whichever machine it is on: a file in the folder says who, and is renewed
 * every two seconds. One that a killed process left is taken over: at once where its machine is this one, after 20 s without a sign of
 * life otherwise.
 * @param what names the work in errors: "the run x is being trained"
 * @throws FolderHeld when another process holds it; LegendaError when it cannot be written
 */
export async function holdFolder(dir: string, what: string, { patience = 0, signal }: HoldOptions = {}): Promise<Hold> {
  const path = join(dir, holdFile);
  const own: Holder = { token: randomBytes(8).toString('hex'), host: hostname(), pids, pid: process.pid, beat: 0 };
  await makeFolder(dir);
  const until = performance.now() + patience;
  let seen: { readonly text: string; readonly since: number } | undefined;
  while (!(await take(path, own))) {
    signal?.throwIfAborted();
    const now = performance.now();
    const text = await readHolder(path);
    const beats = seen !== undefined && seen.text !== text;
    if (seen?.text !== text) seen = { text, since: now };
    // one that is being written has no holder yet
    const holder = parse(text);
    const life = holder === undefined ? 'unknown' : await lifeOf(holder, path);
    const isLeft = life === 'gone' || now - seen.since > silence;
    if (isLeft && (await removeLeft(path, async () => (await readHolder(path)) === text))) continue;
    if (!isLeft && holder !== undefined && (life === 'here' || beats) && now >= until)
      throw new FolderHeld(`${what} by process ${holder.pid} on ${holder.host}: wait for it, or stop it`);
    await wait(lookEvery, undefined, signal && { signal });
  }
  return beating(path, own);
}

/** Processes are counted anew by each kernel, and in its containers: a number tells nothing about those of another. */
const pids = whereProcessesCount();

function whereProcessesCount(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return `${process.platform} ${hostname()}`;
  }
}

/** Always of the same length, so that a beat needs no room on a disk that is full. */
const textOf = (holder: Holder): string => JSON.stringify(holder).padEnd(512);

/** Writes a text in a file's place, or anew. */
async function overwrite(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'r+' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await writeFile(path, text, { flag: 'wx' });
  }
}

/** What is in the file; nothing where it has just gone. */
const readHolder = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '';
    throw describeFileError(error, `cannot read ${path}`);
  });

function parse(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether a holder of this machine is there, and not another process of its number; of others only time tells. */
async function lifeOf({ pids: theirs, pid }: Holder, path: string): Promise<'here' | 'gone' | 'unknown'> {
  if (theirs !== pids) return 'unknown';
  if (!isRunning(pid)) return 'gone';
  const beat = await stat(path).catch(() => undefined);
  return beat !== undefined && Date.now() - beat.mtimeMs > silence ? 'gone' : 'here';
}

/** Writes the file where there is none; where it cannot be written whole, it does not stay. */
async function take(path: string, own: Holder): Promise<boolean> {
  let made = false;
  try {
    await using file = await open(path, 'wx');
    made = true;
    await file.writeFile(textOf(own));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    if (made) await rm(path, { force: true });
    throw describeFileError(error, `cannot write ${path}`);
  }
}

function beating(path: string, own: Holder): Hold {
  const lost = new AbortController();
  let last = Promise.resolve();
  let beat = 0;
  let beaten = Date.now();
  /**
   * A storage that is away for a moment says nothing; another's name does. So does no name where this process was frozen for so long
   * that another may have come, ended and gone.
   */
  const isOthers = async () => {
    const holder = parse(await readFile(path, 'utf8').catch(() => ''));
    if (holder === undefined ? Date.now() - beaten < silence : holder.token === own.token) return false;
    clearInterval(timer);
    lost.abort(new FolderLost(`${dirname(path)} is another process's now, since this one gave no sign of life`));
    return true;
  };
  const renew = async () => {
    if (await isOthers()) return;
    const now = Date.now();
    // what cannot be written now is written at the next beat; onlookers wait for several
    await overwrite(path, textOf({ ...own, beat: ++beat })).then(
      () => {
        beaten = now;
      },
      () => {},
    );
  };
  const timer = setInterval(() => {
    last = last.then(renew);
  }, beatEvery);
  timer.unref();
  return {
    lost: lost.signal,
    async check() {
      if (await isOthers()) throw lost.signal.reason;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await last;
      if (!(await isOthers())) await rm(path, { force: true });
    },
  };
}
