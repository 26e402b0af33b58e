import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FolderHeld, FolderLost, holdFile, holdFolder } from './hold-folder.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'legenda-hold-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Leaves in a folder the hold of a process that has ended. */
async function leave(folder: string): Promise<void> {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const path = join(folder, holdFile);
  const own = await holdFolder(folder, 'x');
  const left = { ...JSON.parse(readFileSync(path, 'utf8')), token: 'other', pid };
  await own[Symbol.asyncDispose]();
  writeFileSync(path, JSON.stringify(left));
}

const holder = () => JSON.parse(readFileSync(join(dir, holdFile), 'utf8'));

test('a folder is held by one, and free again afterwards', async () => {
  const hold = await holdFolder(dir, 'x is worked on');
  await expect(holdFolder(dir, 'x is worked on')).rejects.toThrow(
    new FolderHeld(`x is worked on by process ${process.pid} on ${hostname()}: wait for it, or stop it`),
  );
  await hold[Symbol.asyncDispose]();
  expect(readdirSync(dir)).toEqual([]);
  await using _ = await holdFolder(dir, 'x is worked on');
  expect(holder().pid).toBe(process.pid);
});

test('one who waits comes next', async () => {
  const first = await holdFolder(dir, 'x is worked on');
  const second = holdFolder(dir, 'x is worked on', { patience: 10_000 });
  await setTimeout(300);
  await first[Symbol.asyncDispose]();
  await using _ = await second;
  expect(holder().pid).toBe(process.pid);
});

test('what a killed process left is taken over at once', async () => {
  await leave(dir);
  const start = performance.now();
  await using _ = await holdFolder(dir, 'x');
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(holder().pid).toBe(process.pid);
});

test('one that was killed while it took over keeps nobody out for long', async () => {
  await leave(dir);
  const claim = join(dir, `${holdFile}.00000000.tmp`);
  writeFileSync(claim, '');
  const taken = holdFolder(dir, 'x');
  await setTimeout(600);
  expect(holder().token).toBe('other');
  const long = new Date(Date.now() - 60_000);
  utimesSync(claim, long, long);
  await using _ = await taken;
  expect(holder().pid).toBe(process.pid);
  expect(readdirSync(dir)).toEqual([holdFile]);
});

test('a holder on another machine is refused as soon as it gives a sign of life', async () => {
  const elsewhere = { token: 'other', host: 'elsewhere', pids: 'pid:[1]', pid: 7, beat: 0 };
  writeFileSync(join(dir, holdFile), JSON.stringify(elsewhere));
  const refused = holdFolder(dir, 'x is worked on');
  refused.catch(() => {});
  await setTimeout(600);
  writeFileSync(join(dir, holdFile), JSON.stringify({ ...elsewhere, beat: 1 }));
  await expect(refused).rejects.toThrow('x is worked on by process 7 on elsewhere');
});

test('a holder that another took the place of hears of it, at once when it asks', async () => {
  await using hold = await holdFolder(dir, 'x');
  await hold.check();
  writeFileSync(join(dir, holdFile), JSON.stringify({ ...holder(), token: 'other' }));
  await expect(hold.check()).rejects.toThrow(FolderLost);
  expect(hold.lost.aborted).toBe(true);
  await using waiting = await holdFolder(join(dir, 'b'), 'x');
  writeFileSync(join(dir, 'b', holdFile), JSON.stringify({ ...holder(), token: 'other' }));
  await vi.waitFor(() => expect(waiting.lost.aborted).toBe(true), 10_000);
});

test('a file that cannot be read for a while takes nothing from its holder', async () => {
  await using hold = await holdFolder(dir, 'x');
  rmSync(join(dir, holdFile));
  await hold.check();
  await vi.waitFor(() => expect(holder().pid).toBe(process.pid), 10_000);
});

test('a process that was frozen so long that another may have come and gone has lost the folder', async () => {
  await using frozen = await holdFolder(dir, 'x');
  rmSync(join(dir, holdFile));
  const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 21_000);
  await expect(frozen.check()).rejects.toThrow(FolderLost);
  now.mockRestore();
});

test('a beat needs no room on the disk', async () => {
  await using _ = await holdFolder(dir, 'x');
  const { ino, size } = statSync(join(dir, holdFile));
  const { beat } = holder();
  await vi.waitFor(() => expect(holder().beat).toBeGreaterThan(beat), 10_000);
  expect(statSync(join(dir, holdFile))).toMatchObject({ ino, size });
});

test('a process of the same number is not the holder that was silent too long', async () => {
  const own = await holdFolder(dir, 'x');
  const left = { ...holder(), token: 'other' };
  await own[Symbol.asyncDispose]();
  writeFileSync(join(dir, holdFile), JSON.stringify(left));
  const long = new Date(Date.now() - 60_000);
  utimesSync(join(dir, holdFile), long, long);
  await using _ = await holdFolder(dir, 'x');
  expect(holder().token).not.toBe('other');
});

test('what is no file is named, and not waited for', async () => {
  mkdirSync(join(dir, holdFile));
  await expect(holdFolder(dir, 'x')).rejects.toThrow(`cannot read ${join(dir, holdFile)}: it is a folder`);
});

test('of many that begin at once, after one was killed, one holds the folder at a time', async () => {
  const script = join(dir, 'take.mjs');
  const module = new URL('../../dist/data/hold-folder.js', import.meta.url).href;
  const held = join(dir, 'held');
  writeFileSync(
    script,
    `import { appendFileSync } from 'node:fs';
    import { holdFolder } from ${JSON.stringify(module)};
    for (let i = 0; i < 5; i++) {
      const hold = await holdFolder(${JSON.stringify(held)}, 'x', { patience: 60000 });
      appendFileSync(${JSON.stringify(join(dir, 'log'))}, 'in\\n');
      await new Promise((resolve) => setTimeout(resolve, 5));
      appendFileSync(${JSON.stringify(join(dir, 'log'))}, 'out\\n');
      await hold[Symbol.asyncDispose]();
    }`,
  );
  await leave(held);
  const ended = Array.from({ length: 4 }, () => {
    const child = spawn(process.execPath, [script], { stdio: 'inherit' });
    return new Promise((resolve) => child.on('close', resolve));
  });
  expect(await Promise.all(ended)).toEqual([0, 0, 0, 0]);
  const lines = readFileSync(join(dir, 'log'), 'utf8').trim().split('\n');
  expect(lines).toEqual(Array.from({ length: 20 }, () => ['in', 'out']).flat());
}, 60_000);
