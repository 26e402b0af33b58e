import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LegendaError } from '../errors.js';
import { describeFileError } from '../files.js';
import { isRunning } from './processes.js';

export interface DownloadOptions {
  /** More bytes than this are refused. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** @param total as the server says, 0 when it does not */
  readonly onProgress?: (done: number, total: number) => void;
  /** Milliseconds until the server must have answered; 10 s by default. */
  readonly connectTimeout?: number;
  /** Milliseconds without any data after which to give up; 30 s by default. */
  readonly stallTimeout?: number;
}

/** How often a transfer that breaks off, having brought something, is taken up again. */
const attempts = 4;

export interface Downloaded {
  /** `<path>.part-<pid>` */
  readonly part: string;
  /** Whether its beginning was left by an earlier process, and may be of another file. */
  readonly resumed: boolean;
}

/**
 * Fetches a file under a name of its own; nothing is at `path` itself yet. What an earlier process
 * left unfinished is taken up with an HTTP Range request, or begun again when the server does not know how. What came is
 * kept when the transfer breaks off.
 *
 * @throws LegendaError saying why it did not come: no such host, no answer in time, the status, too large, cut short
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<Downloaded> {
  const part = await claimPart(path);
  const resumed = (await sizeOf(part)) > 0;
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(part);
    try {
      await transfer(url, part, before, options);
      return { part, resumed };
    } catch (error) {
      options.signal?.throwIfAborted();
      const worthIt = error instanceof BrokenOff && attempt < attempts && (await sizeOf(part)) > before;
      if (!worthIt) throw error instanceof BrokenOff ? new LegendaError(error.message, { cause: error.cause }) : error;
    }
  }
}

class BrokenOff extends Error {}

async function transfer(url: string, part: string, offset: number, options: DownloadOptions): Promise<void> {
  const watch = watchdog(options);
  try {
    const response = await request(url, offset, watch.signal);
    if (response.status === 416 && offset > 0) {
      // Nothing lies beyond what we have: it is whole, or not this file. The caller's digest tells, and removes it.
      await response.body?.cancel();
      return;
    }
    const start = await startOf(response, offset);
    const total = contentLength(response, start);
    if (total > options.maxBytes) {
      throw new LegendaError(`the file has ${total} bytes there, more than the ${options.maxBytes} that are accepted`);
    }
    const done = await append(response, part, start, total, watch.alive, options);
    if (total > 0 && done < total) throw new BrokenOff(`only ${done} of ${total} bytes came`);
  } catch (error) {
    if (error instanceof LegendaError || error instanceof BrokenOff) throw error;
    throw new BrokenOff(watch.reason() ?? explain(error), { cause: error });
  } finally {
    watch.stop();
  }
}

async function request(url: string, offset: number, signal: AbortSignal): Promise<Response> {
  // A server that compresses once more on the way would make offsets meaningless.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (offset > 0) headers['range'] = `bytes=${offset}-`;
  const response = await fetch(url, { headers, signal });
  if (response.ok || (response.status === 416 && offset > 0)) return response;
  await response.body?.cancel();
  throw new LegendaError(`the server answered ${response.status} ${response.statusText}`.trimEnd());
}

/** Where in the file the response's body begins. */
async function startOf(response: Response, offset: number): Promise<number> {
  if (response.status !== 206) return 0;
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  if (Number(range?.[1]) === offset) return offset;
  await response.body?.cancel();
  throw new LegendaError(`the server sent ${range?.[0] ?? 'a part'} when asked for the bytes from ${offset}`);
}

/** The whole file's length, 0 when it is not known. */
function contentLength(response: Response, start: number): number {
  if (response.headers.has('content-encoding')) return 0;
  const length = Number(response.headers.get('content-length') ?? 0);
  return Number.isSafeInteger(length) && length > 0 ? start + length : 0;
}

async function append(
  response: Response,
  part: string,
  start: number,
  total: number,
  alive: () => void,
  { maxBytes, onProgress }: DownloadOptions,
): Promise<number> {
  const file = await open(part, start > 0 ? 'r+' : 'w').catch((error) => {
    throw describeFileError(error, `cannot write ${part}`);
  });
  let done = start;
  try {
    for await (const chunk of response.body ?? []) {
      alive();
      if (done + chunk.length > maxBytes) {
        throw new LegendaError(`more than the ${maxBytes} bytes that are accepted came`);
      }
      await writeAll(file, chunk, done, part);
      done += chunk.length;
      onProgress?.(done, total);
    }
    await file.sync();
    return done;
  } finally {
    await file.close();
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Uint8Array, position: number, path: string) {
  try {
    let written = 0;
    while (written < chunk.length) {
      written += (await file.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
    }
  } catch (error) {
    throw describeFileError(error, `cannot write ${path}`);
  }
}

/** Aborts when the server does not answer, or stops sending, for too long. */
function watchdog({ connectTimeout = 10_000, stallTimeout = 30_000, signal }: DownloadOptions) {
  const controller = new AbortController();
  let reason: string | undefined;
  const giveUpAfter = (milliseconds: number, why: string) =>
    setTimeout(() => {
      reason = why;
      controller.abort();
    }, milliseconds);
  let timer = giveUpAfter(connectTimeout, `no answer within ${connectTimeout / 1000} s`);
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    alive() {
      clearTimeout(timer);
      timer = giveUpAfter(stallTimeout, `no data for ${stallTimeout / 1000} s`);
    },
    reason: () => reason,
    stop: () => clearTimeout(timer),
  };
}

/** The file to write to: this process's own, or one that a process that has ended left behind. */
async function claimPart(path: string): Promise<string> {
  const prefix = `${basename(path)}.part-`;
  const own = join(dirname(path), `${prefix}${process.pid}`);
  const left = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix));
  for (const name of left) {
    if (isRunning(Number(name.slice(prefix.length)))) continue;
    const found = join(dirname(path), name);
    // The largest one wins; another process may have claimed it in between.
    if ((await sizeOf(found)) > (await sizeOf(own))) await rename(found, own).catch(() => {});
    else await rm(found, { force: true });
  }
  return own;
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host (is there a network?)',
  EAI_AGAIN: 'the host name could not be looked up (is there a network?)',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  ENETUNREACH: 'the network cannot be reached',
  EHOSTUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed',
};

/** Fetch hides what happened in `cause`. */
function explain(error: unknown): string {
  const { cause, message } = error as Error;
  const code = ((cause ?? error) as NodeJS.ErrnoException).code ?? '';
  return reasons[code] ?? (cause instanceof Error ? `${message}: ${cause.message}` : message);
}
