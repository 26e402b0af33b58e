/** The built command line as a shell runs it: real processes, real files. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What to import a module of the build from, in a script: `import { x } from ${dist('train/fit')}`. */
export const dist = (module: string): string => JSON.stringify(new URL(`../../dist/${module}.js`, import.meta.url));

export interface Result {
  /** The signal's name when one ended the process. */
  readonly status: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process whose lines on standard output are read as they come. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Result>;
  /** Resolves with the first line, of those that came and will come, that passes; rejects when the process ends before. */
  line(passes: (line: string, index: number) => boolean): Promise<string>;
}

/** Starts a command. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Running {
  const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...inherited, ...options.env },
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    lines.splice(0, lines.length, ...output.stdout.split('\n').slice(0, -1));
    for (const look of waiting) look();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<Result>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status: status ?? signal!, ...output }));
  });
  const line: Running['line'] = (passes) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = lines.find(passes);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      ended.then(({ status, stderr }) => reject(new Error(`ended with ${status} before: ${stderr}`)), reject);
    });
  return { child, ended, line };
}

/** Starts `legenda`. */
export const startLegenda = (args: readonly string[], options?: SpawnOptions): Running =>
  start(process.execPath, [main, ...args], options);

/** Runs `legenda` to its end. */
export const legenda = (args: readonly string[], options?: SpawnOptions): Promise<Result> =>
  startLegenda(args, options).ended;

/** Whether a line of `--json` is an event of a type. */
export const isEvent =
  (type: string) =>
  (line: string): boolean =>
    (JSON.parse(line) as { type: string }).type === type;

/** `--set` for each setting. */
export const settings = (values: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(values).flatMap(([key, value]) => [
    '--set',
    `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);

/** Every file and folder below a folder with mode, time of change and content: what must not be touched. */
export function snapshot(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(dir, name);
      const { mode, mtimeMs } = statSync(path);
      const content = statSync(path).isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : 'folder';
      return [name, `${mode.toString(8)} ${mtimeMs} ${content}`];
    }),
  );
}

/** Runs a script in a process of its own, and gives what it prints. */
export async function runScript(
  script: string,
  flags: readonly string[] = [],
  options: SpawnOptions = {},
): Promise<string> {
  const args = [...flags, '--input-type=module', '--eval', script];
  const { status, stdout, stderr } = await start(process.execPath, args, options).ended;
  if (status !== 0) throw new Error(`the script ended with ${status}: ${stderr}`);
  return stdout;
}

/** The command ends with the status and, after `legenda: `, the message; it prints no data and leaves the folder as it was. */
export async function refused(args: readonly string[], status: 1 | 2, message: string, dir: string): Promise<void> {
  const before = snapshot(dir);
  const result = await legenda(args);
  expect(result).toMatchObject({ status, stdout: '', stderr: expect.not.stringMatching(/\n {4}at /) });
  expect(result.stderr).toContain(`legenda: ${message}`);
  expect(snapshot(dir)).toEqual(before);
}

/** Processes that a process began (Linux). */
export const childrenOf = (pid: number): number[] =>
  readdirSync('/proc').flatMap((name) => {
    try {
      // after the name, which may have anything in it, come the state and the parent
      const parent = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1];
      return Number(parent) === pid ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
