import { execFileSync } from 'node:child_process';

/** Debian's Python has Debian's packages; another one may come first on the path. */
const commands = ['python3', '/usr/bin/python3'];

/** Whether `python3` runs a line without an error: for tests against other people's implementations. */
export const python = (line: string): boolean => runs('python3', line);

/** A Python that has the module; `undefined` where there is none, for tests that are then skipped. */
export const pythonWith = (module: string): string | undefined =>
  commands.find((command) =>
    runs(command, `import importlib.util as u; assert u.find_spec(${JSON.stringify(module)})`),
  );

function runs(command: string, line: string): boolean {
  try {
    execFileSync(command, ['-c', line], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
