import { spawn } from 'node:child_process';
import { access, constants, mkdir, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LegendaError } from '../errors.js';

export interface DebianOptions {
  readonly signal?: AbortSignal;
  /** @param percent of what is being done, a whole number to 100 */
  readonly onProgress?: (what: string, percent: number) => void;
}

/** Whether this machine has Debian's tools (a relative of Debian may still lack the package). */
export async function hasDebianTools(): Promise<boolean> {
  const found = await Promise.all(['apt-get', 'dpkg'].map(isOnPath));
  return found.every(Boolean);
}

/**
 * Fetches a package of Debian and unpacks it, with lists and cache of its own: needs no root and changes nothing outside.
 * @param folder an empty folder for everything; the caller removes it
 * @returns the folder that stands for the package's `/`
 * @throws LegendaError with what apt-get or dpkg said last
 */
export async function unpackDebianPackage(name: string, folder: string, options: DebianOptions = {}): Promise<string> {
  const [lists, cache, packages, root] = ['lists', 'cache', 'packages', 'root'].map((part) => join(folder, part));
  for (const path of [join(lists!, 'partial'), join(cache!, 'archives', 'partial'), packages!, root!]) {
    await mkdir(path, { recursive: true });
  }
  const settings = [
    ['Dir::State::Lists', lists],
    ['Dir::Cache', cache],
    ['Acquire::Languages', 'none'],
    ['Acquire::IndexTargets::deb::DEP-11::DefaultEnabled', 'false'],
    ['Acquire::http::Timeout', '10'],
    ['Acquire::Retries', '1'],
    // As root, apt would fetch as a user who may not write here, and say so.
    ['APT::Sandbox::User', 'root'],
    ['APT::Status-Fd', '3'],
  ];
  const apt = ['-q', ...settings.flatMap(([key, value]) => ['-o', `${key}=${value}`])];
  await execute('apt-get', [...apt, 'update'], folder, options, 'reading the package lists');
  await execute('apt-get', [...apt, 'download', name], packages!, options, `fetching ${name}`);
  const file = (await readdir(packages!)).find((entry) => entry.endsWith('.deb'));
  if (!file) throw new LegendaError(`apt-get download ${name} left no package behind`);
  await execute('dpkg', ['-x', join(packages!, file), root!], folder, options, `unpacking ${name}`);
  return root!;
}

const timeout = 600_000;

function execute(
  command: string,
  args: readonly string[],
  cwd: string,
  { signal, onProgress }: DebianOptions,
  what: string,
): Promise<void> {
  onProgress?.(what, 0);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      timeout,
      ...(signal && { signal }),
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
    // apt's lines on this descriptor: dlstatus:ITEM:PERCENT:TEXT
    child.stdio[3]?.on('data', (bytes: Buffer) => {
      const percent = /^dlstatus:\d+:([\d.]+):/m.exec(bytes.toString('latin1'))?.[1];
      if (percent) onProgress?.(what, Math.round(Number(percent)));
    });
    child.on('error', (error) => reject(signal?.aborted ? signal.reason : new LegendaError(error.message)));
    child.on('close', (status) => {
      if (status === 0) return resolve();
      const last = said.trim().split('\n').at(-1)?.replace(/^E: /, '');
      reject(new LegendaError(`${command} failed while ${what}: ${last || `exit status ${status}`}`));
    });
  });
}

async function isOnPath(command: string): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const found = await access(join(folder, command), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
