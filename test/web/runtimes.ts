/** docs/RUNTIMES.md: what each runtime computes as the reference does, op by op. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Conformance } from './page/conformance.js';

const path = fileURLToPath(new URL('../../docs/RUNTIMES.md', import.meta.url));

/** Why cases are not computed, by what ONNX Runtime says of them. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/dispatch group size|reduction_ops|createBindGroup/, 'nothing to compute: an axis of length 0'],
  [/Only Conv2d or Conv1d/, 'three spatial axes'],
  [/transformer_memcpy/, 'double precision'],
];

const reasonOf = (message: string): string => reasons.find(([pattern]) => pattern.test(message))?.[1] ?? message;

/** One runtime's row for each op: how many cases it computes, and why not the others. */
export function rowsOf(ops: readonly Conformance[]): string[] {
  const rows = ops.map(({ op, cases, failures }) => {
    const why = [...new Set(failures.map(({ message }) => reasonOf(message)))].join('; ');
    return `| ${op} | ${cases - failures.length} of ${cases} | ${why} |`;
  });
  return ['| op | cases computed | not computed |', '| --- | --- | --- |', ...rows];
}

/** The document's table of a runtime is what was found; with `RUNTIMES=write` it becomes that. */
export function documented(runtime: string, ops: readonly Conformance[]): void {
  const section = `## ${runtime}\n\n${rowsOf(ops).join('\n')}\n`;
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const pattern = new RegExp(`## ${runtime}\\n\\n(\\|.*\\n)+`);
  if (process.env['RUNTIMES'] === 'write') {
    writeFileSync(path, pattern.test(text) ? text.replace(pattern, section) : `${text.trimEnd()}\n\n${section}`);
    return;
  }
  expect(pattern.exec(text)?.[0], `${path}: RUNTIMES=write npx vitest run test/web writes it anew`).toBe(section);
}
