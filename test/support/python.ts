import { execFileSync } from 'node:child_process';

/** Whether `python3` runs a line without an error: for tests against other people's implementations. */
export function python(line: string): boolean {
  try {
    execFileSync('python3', ['-c', line], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
