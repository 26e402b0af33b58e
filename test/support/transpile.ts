import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Modules of `src/` as JavaScript, for tests that need a process of their own to kill. */
export interface Transpiled extends Disposable {
  /** The address to import a module of `src/` from, by its path without extension, for example `train/record`. */
  url(module: string): string;
}

/**
 * Transpiles modules and all they import into a temporary folder below `node_modules`, where packages are found. What is
 * in `dist/` may be older than the source under test.
 */
export function transpile(...modules: string[]): Transpiled {
  const parent = join(root, 'node_modules', '.cache');
  mkdirSync(parent, { recursive: true });
  const dir = mkdtempSync(join(parent, 'transpiled-'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  const target = (module: string) => join(dir, `${module}.js`);
  const seen = new Set<string>();
  const open = [...modules];
  for (let module = open.pop(); module !== undefined; module = open.pop()) {
    if (seen.has(module)) continue;
    seen.add(module);
    const source = readFileSync(join(root, 'src', `${module}.ts`), 'utf8');
    const compilerOptions = {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    };
    const { outputText } = ts.transpileModule(source, { compilerOptions });
    mkdirSync(dirname(target(module)), { recursive: true });
    writeFileSync(target(module), outputText);
    for (const [, path] of outputText.matchAll(/from '(\.[^']+)\.js'/g)) {
      open.push(relative(join(root, 'src'), resolve(root, 'src', dirname(module), path!)));
    }
  }
  return {
    url: (module) => pathToFileURL(target(module)).href,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
