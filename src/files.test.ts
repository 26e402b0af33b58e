import { execFileSync } from 'node:child_process';
import { existsSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { inFolder } from '../test/support/training.js';
import { LegendaError } from './errors.js';
import { makeFolder, readFileBounded, writeFileAtomic } from './files.js';

vi.mock('node:fs/promises', async (original) => {
  const all = await original<typeof import('node:fs/promises')>();
  return { ...all, mkdir: vi.fn(all.mkdir) };
});
const { mkdir: actual } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
afterEach(() => {
  vi.mocked(mkdir).mockImplementation(actual);
});

/** As Node does where the system refuses for a reason that Node's search for missing folders does not know. */
function refuse(code: string): void {
  vi.mocked(mkdir).mockImplementation(async (_, options) => {
    const isSearching = typeof options === 'object' && options?.recursive;
    throw Object.assign(new Error('no'), { code: isSearching ? 'ENOENT' : code, syscall: 'mkdir' });
  });
}

const saidOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LegendaError);
  return (error as LegendaError).message;
};

describe('a folder that cannot be made', () => {
  test.each([
    ['EROFS', 'the file system is read-only'],
    ['EDQUOT', 'the disk quota is used up'],
  ])('is refused for the reason of the system, %s', async (code, reason) => {
    await inFolder(async (root) => {
      const dir = join(root, 'a', 'b');
      refuse(code);
      expect(await saidOf(makeFolder(dir))).toBe(`cannot make the folder ${dir}: ${reason}`);
      const file = join(dir, 'x.txt');
      expect(await saidOf(writeFileAtomic(file, ''))).toBe(`cannot write ${file}: ${reason}`);
    });
  });

  test('because there is a file in its way, or a link that leads nowhere', async () => {
    await inFolder(async (root) => {
      const [file, link] = [join(root, 'file'), join(root, 'link')] as const;
      writeFileSync(file, '');
      symlinkSync(join(root, 'gone'), link);
      const inTheWay = 'a part of the path is not a folder';
      for (const dir of [file, join(file, 'x')])
        expect(await saidOf(makeFolder(dir))).toBe(`cannot make the folder ${dir}: ${inTheWay}`);
      expect(await saidOf(writeFileAtomic(join(file, 'x'), ''))).toBe(`cannot write ${join(file, 'x')}: ${inTheWay}`);
      expect(await saidOf(makeFolder(link))).toBe(`cannot make the folder ${link}: there is no such file or folder`);
      expect(readlinkSync(link)).toBe(join(root, 'gone'));
    });
  });
});

test('makeFolder makes a folder with those that it is in, and leaves one that is there', async () => {
  await inFolder(async (root) => {
    const dir = join(root, 'a', 'b');
    for (let i = 0; i < 2; i++) await makeFolder(dir);
    expect((await stat(dir)).isDirectory()).toBe(true);
  });
});

test.skipIf(!existsSync('/dev/zero'))('what has no end is read no further than is accepted', async () => {
  expect(await saidOf(readFileBounded('/dev/zero', 1000))).toBe(
    '/dev/zero has more than the 1000 bytes that are accepted',
  );
});

test('a pipe is read to its end', async () => {
  await inFolder(async (root) => {
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [read] = await Promise.all([readFileBounded(pipe, 5), writeFile(pipe, 'whole')]);
    expect(new TextDecoder().decode(read)).toBe('whole');
  });
});
