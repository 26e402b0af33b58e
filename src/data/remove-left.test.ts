import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeLeft } from './remove-left.js';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'legenda-left-'));
  path = join(dir, '.lock');
  writeFileSync(path, 'left');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('while one looks again, no other removes', async () => {
  let answer = (_: boolean): void => {};
  const first = removeLeft(path, () => new Promise((resolve) => (answer = resolve)));
  await expect.poll(() => readdirSync(dir)).toHaveLength(2);
  expect(await removeLeft(path, async () => true)).toBe(false);
  expect(existsSync(path)).toBe(true);
  answer(true);
  expect(await first).toBe(true);
  expect(readdirSync(dir)).toEqual([]);
});

test('what is another’s by then stays', async () => {
  expect(await removeLeft(path, async () => false)).toBe(true);
  expect(readdirSync(dir)).toEqual(['.lock']);
});

test('what goes wrong is said, and no claim stays', async () => {
  const broken = removeLeft(path, () => Promise.reject(Object.assign(new Error(), { code: 'EIO' })));
  await expect(broken).rejects.toThrow(`cannot take over ${path}`);
  expect(readdirSync(dir)).toEqual(['.lock']);
  await expect(removeLeft(join(dir, 'none', 'x'), async () => true)).rejects.toThrow('cannot write');
});
