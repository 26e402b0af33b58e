import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Load over the last minute. */
export const load = () => Number(loadavg()[0].toFixed(2));

/** The same, with a word of warning where others are at work. */
export function loadBefore() {
  const before = load();
  if (before > 0.5) console.error(`the machine is not quiet (load ${before}): expect noise`);
  return before;
}

export const today = () => new Date().toISOString().slice(0, 10);

export const machine = () =>
  `${cpus()[0].model}, ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}`;

export function commit() {
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
