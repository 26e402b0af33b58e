/** Every example, as its reader would run it: each has a target of its own and fails below it. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../examples/', import.meta.url));
const examples = readdirSync(folder).filter((name) => name.endsWith('.js'));

test.each(examples)('%s', async (name) => {
  const dir = await mkdtemp(join(tmpdir(), 'legenda-example-'));
  try {
    const { error, output } = await run(join(folder, name), join(dir, 'out.onnx'));
    expect(error, output).toBeNull();
  } finally {
    await rm(dir, { recursive: true });
  }
});

function run(...args: string[]): Promise<{ readonly error: Error | null; readonly output: string }> {
  return new Promise((done) => {
    execFile(process.execPath, args, (error, stdout, stderr) => done({ error, output: stdout + stderr }));
  });
}
