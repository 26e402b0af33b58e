import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ArchivedFile, tarOf, zipOf } from '../../../test/support/archives.js';
import { LegendaError } from '../../errors.js';
import { archiveLimits } from './guard.js';
import { unpackArchive } from './unpack.js';

let dir: string;
let into: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'legenda-unpack-'));
  into = join(dir, 'into');
  await mkdir(into);
});
afterEach(() => rmSync(dir, { recursive: true }));

const forms: Readonly<Record<string, (files: readonly ArchivedFile[]) => Buffer>> = {
  zip: zipOf,
  tar: tarOf,
  'tar.gz': (files) => gzipSync(tarOf(files)),
};

function archive(content: Uint8Array, name = 'archive'): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

const unpack = (path: string, limits = {}, options = {}): Promise<void> =>
  unpackArchive(path, into, { keep: () => true, ...options }, { ...archiveLimits, ...limits });

const written = (): string[] => readdirSync(into, { recursive: true, encoding: 'utf8' }).sort();

describe.each(Object.entries(forms))('%s', (_, make) => {
  const long = Buffer.alloc(300_000, 'content');

  it('is unpacked, whatever it is called', async () => {
    const files = [{ name: 'a.txt', content: 'a' }, { name: 'b/c/d.bin', content: long }, { name: 'b/empty' }];
    await unpack(archive(make(files)));
    expect(written()).toEqual(['a.txt', 'b', 'b/c', 'b/c/d.bin', 'b/empty']);
    expect(readFileSync(join(into, 'b/c/d.bin'))).toEqual(long);
    expect(readFileSync(join(into, 'b/empty'), 'utf8')).toBe('');
  });

  it('gives only what is asked for, and says how far it is', async () => {
    const files = Array.from({ length: 40 }, (_, i) => ({ name: `${i}.${i % 2 ? 'tif' : 'exe'}`, content: long }));
    const progress: number[][] = [];
    const options = {
      keep: (name: string) => name.endsWith('.tif'),
      onProgress: (done: number, total: number) => progress.push([done, total]),
    };
    await unpack(archive(make(files)), {}, options);
    expect(written()).toHaveLength(20);
    const [done, total] = progress.at(-1)!;
    expect(done).toBe(total);
  });

  it.each<[string, ArchivedFile, string]>([
    ['a path upwards', { name: '../out.txt' }, '../out.txt'],
    ['a path upwards in its middle', { name: 'a/../../out.txt' }, 'a/../../out.txt'],
    ['an absolute path', { name: '/tmp/out.txt' }, '/tmp/out.txt'],
    ['a drive', { name: 'C:/out.txt' }, 'C:/out.txt'],
    ['a path upwards as Windows writes it', { name: '..\\out.txt' }, 'out.txt'],
    ['a link', { name: 'link', link: '/etc/passwd' }, '"link" is a link, only files and folders are accepted'],
  ])('with %s is refused', async (_, file, message) => {
    const unpacking = unpack(archive(make([{ name: 'good.txt', content: 'x' }, file])));
    await expect(unpacking).rejects.toBeInstanceOf(LegendaError);
    await expect(unpacking).rejects.toThrow(message);
    await expect(unpacking).rejects.toThrow(join(dir, 'archive'));
    expect(existsSync(join(dir, 'out.txt'))).toBe(false);
    expect(existsSync(join(into, 'link'))).toBe(false);
  });

  it('with a name twice is refused', async () => {
    const twice = make([
      { name: 'a', content: '1' },
      { name: './a', content: '2' },
    ]);
    await expect(unpack(archive(twice))).rejects.toThrow('"./a" is there twice');
    const blocked = make([
      { name: 'a', content: '1' },
      { name: 'a/b', content: '2' },
    ]);
    rmSync(into, { recursive: true });
    await mkdir(into);
    await expect(unpack(archive(blocked))).rejects.toThrow('a part of the path is not a folder');
  });

  it.each([
    ['files', { entries: 8 }, 'it has more than 8 files and folders'],
    ['bytes', { bytes: 8999 }, 'it unpacks to more than the 8999 bytes that are accepted'],
    ['bytes in one file', { fileBytes: 999 }, 'has 1000 bytes unpacked, more than the 999 that are accepted'],
  ])('with too many %s is refused', async (_, limits, message) => {
    const files = Array.from({ length: 9 }, (_, i) => ({ name: `${i}`, content: Buffer.alloc(1000) }));
    await expect(unpack(archive(make(files)), limits)).rejects.toThrow(message);
  });

  it.each([0.1, 0.5, 0.9])('that is cut short at %d of its length is refused', async (part) => {
    let state = 1;
    const noise = Buffer.from(
      Array.from({ length: 5000 }, () => {
        state = (state * 48271) % 2147483647;
        return state & 255;
      }),
    );
    const whole = make([{ name: 'a.bin', content: noise }]);
    const cut = archive(whole.subarray(0, Math.floor(whole.length * part)), 'cut.tar');
    await expect(unpack(cut)).rejects.toBeInstanceOf(LegendaError);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const path = archive(make(Array.from({ length: 200 }, (_, i) => ({ name: `${i}`, content: long }))));
    const options = { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) };
    await expect(unpack(path, {}, options)).rejects.toThrow('enough');
    expect(written().length).toBeLessThan(150);
  });
});

it('a ZIP whose content is not what its checksum says is refused by the name of the file', async () => {
  const files = [{ name: 'a.png' }, { name: 'captions.csv', content: 'a.png,a river', summed: 'a.png,a rover' }];
  await expect(unpack(archive(zipOf(files)))).rejects.toThrow(
    'archive is not unpacked: "captions.csv" is damaged: its checksum is another than the archive says',
  );
});

describe('bombs', () => {
  const zeros = Buffer.alloc(2 ** 20);
  const limits = { ratioFrom: 2 ** 19 };
  const refused = 'it unpacks to more than 200 times its size';

  it('are refused by the ratio, before a ZIP is unpacked', async () => {
    const files = Array.from({ length: 10 }, (_, i) => ({
      name: `${i}`,
      content: zeros.subarray(0, 1000),
      claims: 2 ** 20,
    }));
    await expect(unpack(archive(zipOf(files)), limits)).rejects.toThrow(refused);
    expect(written()).toEqual([]);
  });

  it('are refused where a file is longer than its ZIP says', async () => {
    const path = archive(zipOf([{ name: 'a', content: 'x'.repeat(5000), claims: 10 }]));
    await expect(unpack(path)).rejects.toThrow('is damaged, cut short or refused');
  });

  it('are refused by the ratio while a tar.gz is unpacked, in files or behind them', async () => {
    const inside = gzipSync(tarOf([{ name: 'a', content: zeros }]));
    await expect(unpack(archive(inside), limits)).rejects.toThrow(refused);
    const behind = gzipSync(Buffer.concat([tarOf([{ name: 'a' }]), zeros]));
    await expect(unpack(archive(behind), limits)).rejects.toThrow(refused);
  });
});

it('reads the names that tar writes for long ones', async () => {
  const long = `${'folder/'.repeat(30)}image.tif`;
  const record = (text: string): string => {
    const length = text.length + 2;
    return `${length + String(length).length} ${text}\n`;
  };
  const pax = tarOf([{ name: 'pax', content: record(`path=${long}`) }], 'x').subarray(0, -1024);
  const gnu = tarOf([{ name: '././@LongLink', content: `${long}2\0` }], 'L').subarray(0, -1024);
  const file = (content: string): Buffer => tarOf([{ name: 'short', content }]).subarray(0, -1024);
  await unpack(
    archive(Buffer.concat([pax, file('pax'), gnu, file('gnu'), tarOf([{ name: 'last', content: 'last' }])])),
  );
  expect(readFileSync(join(into, long), 'utf8')).toBe('pax');
  expect(readFileSync(join(into, `${long}2`), 'utf8')).toBe('gnu');
  expect(readFileSync(join(into, 'last'), 'utf8')).toBe('last');
  const outside = tarOf([{ name: 'pax', content: record('path=../../out') }], 'x').subarray(0, -1024);
  await expect(unpack(archive(Buffer.concat([outside, tarOf([{ name: 'a' }])])))).rejects.toThrow(
    '"../../out" is not a path below',
  );
});

it('refuses devices, pipes and encrypted files', async () => {
  await expect(unpack(archive(tarOf([{ name: 'null' }], '3')))).rejects.toThrow('"null" is a device or pipe');
  await expect(unpack(archive(tarOf([{ name: 'pipe' }], '6')))).rejects.toThrow('"pipe" is a device or pipe');
  await expect(unpack(archive(zipOf([{ name: 'a' }], { encrypted: true })))).rejects.toThrow('"a" is encrypted');
});

it.each([
  ['a RAR archive', 'Rar!\x1a\x07', ': unpack it first'],
  ['a 7-Zip archive', '7z\xbc\xaf', ': unpack it first'],
  ['compressed by bzip2', 'BZh9', ': unpack it first'],
  ['no archive', 'text', 'was expected'],
  ['no archive', '', 'was expected'],
])('names what is %s', async (what, head, more) => {
  const path = archive(Buffer.from(head, 'latin1'));
  await expect(unpack(path)).rejects.toThrow(`${path} is ${what}, a folder or a .zip, .tar or .tar.gz was expected`);
  await expect(unpack(path)).rejects.toThrow(more);
});
