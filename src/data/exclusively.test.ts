import { existsSync, lutimesSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dist, runScript } from '../../test/support/cli.js';
import { inFolder } from '../../test/support/training.js';
import { exclusively } from './exclusively.js';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

it('lets one at a time, and leaves nothing', async () => {
  await inFolder(async (root) => {
    const lock = join(root, 'deep', 'lock');
    let inside = 0;
    const work = async (i: number) => {
      expect(++inside).toBe(1);
      await pause(20);
      inside--;
      return i;
    };
    expect(await Promise.all([1, 2, 3].map((i) => exclusively(lock, () => work(i))))).toEqual([1, 2, 3]);
    await expect(exclusively(lock, () => Promise.reject(new Error('its own')))).rejects.toThrow('its own');
    expect(existsSync(lock)).toBe(false);
  });
});

it('waits for another process, and takes over from one that is gone', async () => {
  await inFolder(async (root) => {
    const [lock, log] = [join(root, 'lock'), join(root, 'log')];
    const script = `
      import { appendFileSync } from 'node:fs';
      import { exclusively } from ${dist('data/exclusively')};
      await exclusively(${JSON.stringify(lock)}, async () => {
        appendFileSync(${JSON.stringify(log)}, '[');
        await new Promise((resolve) => setTimeout(resolve, 300));
        appendFileSync(${JSON.stringify(log)}, ']');
      });
      console.log(process.pid);`;
    const [gone] = (await Promise.all([runScript(script), runScript(script), runScript(script)])).map(Number);
    expect(readFileSync(log, 'utf8')).toBe('[][][]');
    writeFileSync(lock, String(gone));
    expect(await exclusively(lock, async () => 'taken over')).toBe('taken over');
    writeFileSync(lock, '');
    utimesSync(lock, 0, 0);
    expect(await exclusively(lock, async () => 'taken over')).toBe('taken over');
    // a link that leads nowhere
    symlinkSync(join(root, 'nowhere'), lock);
    lutimesSync(lock, 0, 0);
    expect(await exclusively(lock, async () => 'taken over')).toBe('taken over');
    expect(existsSync(lock)).toBe(false);
  });
});

it('stops waiting when it is told to', async () => {
  await inFolder(async (root) => {
    const lock = join(root, 'lock');
    writeFileSync(lock, String(process.pid));
    const wait = exclusively(lock, async () => expect.unreachable(), AbortSignal.timeout(50));
    await expect(wait).rejects.toThrow(/abort/i);
    expect(existsSync(lock)).toBe(true);
  });
});
