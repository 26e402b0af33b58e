import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where data that is not the project's to ship may be: `LEGENDA_DATA`, else `../shared/data` beside the repository. */
const root = process.env['LEGENDA_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** The path of a file below the data root; `undefined` where it is absent, for tests that are then skipped. */
export function dataFile(...path: readonly string[]): string | undefined {
  const file = join(root, ...path);
  return existsSync(file) ? file : undefined;
}
