/** docs/RUNTIMES.md: what each runtime computes as the reference does, op by op. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Conformance } from './page/conformance.js';

const path = fileURLToPath(new URL('../../docs/RUNTIMES.md', import.meta.url));

/** Why cases are not computed, by what ONNX Runtime says of them. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/dispatch group size|reduction_ops|createBindGroup/, 'axes of length 0'],
  [/Only Conv2d or Conv1d/, 'three spatial axes'],
  [/transformer_memcpy/, 'double precision'],
];

const reasonOf = (message: string): string => reasons.find(([pattern]) => pattern.test(message))?.[1] ?? message;

function cell({ cases, failures }: Conformance): string {
  if (failures.length === 0) return 'all';
  const why = [...new Set(failures.map(({ message }) => reasonOf(message)))];
  return `${cases - failures.length}; not ${why.join(', ')}`;
}

function tableOf(runtimes: ReadonlyMap<string, readonly Conformance[]>): string {
  const columns = [...runtimes.values()];
  const rows = columns[0]!.map(({ op, cases }, i) => [op, String(cases), ...columns.map((ops) => cell(ops[i]!))]);
  const all = [['op', 'cases', ...runtimes.keys()], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`;
  const [head, ...body] = all.map(line);
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

/** The document's table is what was found; with `RUNTIMES=write` it becomes that. */
export function documented(runtimes: ReadonlyMap<string, readonly Conformance[]>): void {
  const text = readFileSync(path, 'utf8');
  const updated = text
    .replace(/(\n\|.*)+\n?$/, '')
    .trimEnd()
    .concat(`\n\n${tableOf(runtimes)}\n`);
  if (process.env['RUNTIMES'] === 'write') writeFileSync(path, updated);
  else expect(text, `${path}: RUNTIMES=write npx vitest run test/web writes it anew`).toBe(updated);
}
