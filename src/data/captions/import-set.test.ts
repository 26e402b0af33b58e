import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ArchivedFile, tarOf, zipOf } from '../../../test/support/archives.js';
import {
  filesOf,
  fourImages,
  karpathyOf,
  type SmallImage,
  writeCaptionSet,
} from '../../../test/support/caption-set.js';
import { snapshot } from '../../../test/support/cli.js';
import { LegendaError, UsageError } from '../../errors.js';
import { archiveLimits } from '../archives/guard.js';
import { importCaptionSet } from './import-set.js';
import { loadCaptionSet } from './load-set.js';

let dir: string;
let root: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'legenda-import-'));
  root = join(dir, 'root');
});
afterEach(() => rmSync(dir, { recursive: true }));

const whole = ['dataset.json', 'images', 'images/1.png', 'images/10.png', 'images/2.png', 'images/3.png'];
const below = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

const archived = async (images: readonly SmallImage[] = fourImages, prefix = ''): Promise<ArchivedFile[]> =>
  [...(await filesOf(images))].map(([path, content]) => ({ name: `${prefix}${path}`, content }));

function file(name: string, content: Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

const bringIn = (path: string, options = {}, name = 'mine') => importCaptionSet(name, path, { root, ...options });

describe('an import', () => {
  it('copies captions and images of a folder, and nothing else', async () => {
    const folder = join(dir, 'folder');
    await writeCaptionSet(folder);
    renameSync(join(folder, 'images'), join(folder, 'imgs'));
    writeFileSync(join(folder, 'imgs', 'notes.txt'), '');
    mkdirSync(join(folder, '.git'));
    const before = snapshot(folder);
    const set = await bringIn(folder);
    expect(below(join(root, 'mine'))).toEqual(whole);
    expect(readFileSync(join(root, 'mine', 'dataset.json'), 'utf8')).toBe(karpathyOf(fourImages));
    expect(set).toMatchObject({ name: 'mine', imageFolder: join(root, 'mine', 'images'), warnings: [] });
    const { captions: _, ...loaded } = await loadCaptionSet('mine', { root });
    expect(set).toMatchObject(loaded);
    expect(snapshot(folder)).toEqual(before);
    expect(readdirSync(root)).toEqual(['mine']);
  });

  it.each<[string, (files: readonly ArchivedFile[]) => Buffer]>([
    ['zip', zipOf],
    ['tar', tarOf],
    ['tar.gz', (files) => gzipSync(tarOf(files))],
  ])('unpacks a %s, with folders around and other files beside', async (ending, make) => {
    const files = await archived(fourImages, 'set/deep/');
    const others = ['setup.exe', '__MACOSX/set/deep/images/._1.png', 'set/deep/.DS_Store'].map((name) => ({ name }));
    const progress: string[] = [];
    await bringIn(file(`a.${ending}`, make([...files, ...others])), {
      onProgress: ({ unit }: { unit: string }) => progress.push(unit),
    });
    expect(below(join(root, 'mine'))).toEqual(whole);
    expect(new Set(progress)).toEqual(new Set(['bytes', 'images']));
    expect(readdirSync(root)).toEqual(['mine']);
  });

  it('takes captions and images that lie apart, a CSV, and images in folders', async () => {
    const files = await filesOf([{ file: 'a/1.png' }, { file: 'b/1.png' }]);
    files.delete('dataset.json');
    const images = [...files].map(([path, content]) => ({ name: path.replace('images', 'x/pictures'), content }));
    const csv = { name: 'texts/list.csv', content: 'file,caption,split\na/1.png,One,train\nb/1.png,Two,val\n' };
    const set = await bringIn(file('a.zip', zipOf([csv, ...images])));
    expect(below(join(root, 'mine'))).toEqual([
      'captions.csv',
      'images',
      'images/a',
      'images/a/1.png',
      'images/b',
      'images/b/1.png',
    ]);
    expect(set).toMatchObject({
      captionFile: join(root, 'mine', 'captions.csv'),
      warnings: ['there are no test images'],
    });
  });

  it('warns of images that are missing', async () => {
    const files = (await archived()).filter(({ name }) => name !== 'images/3.png');
    const set = await bringIn(file('a.tar', tarOf(files)));
    expect(set.warnings).toContain('1 of 4 images are missing, first 3.png, and left out');
    expect(set.warnings).toContain('nothing is trained on the set as long as images are missing');
    expect(below(join(root, 'mine'))).not.toContain('images/3.png');
  });

  it('follows links in a folder of the user', async () => {
    await writeCaptionSet(join(dir, 'folder'));
    renameSync(join(dir, 'folder', 'images'), join(dir, 'elsewhere'));
    symlinkSync(join(dir, 'elsewhere'), join(dir, 'folder', 'images'));
    await bringIn(join(dir, 'folder'));
    expect(below(join(root, 'mine'))).toEqual(whole);
  });
});

describe('a set that is there', () => {
  it('stays without --force, and is replaced with it', async () => {
    await writeCaptionSet(join(root, 'mine'), [{ file: 'old.png' }]);
    await writeCaptionSet(join(dir, 'folder'));
    const before = snapshot(root);
    await expect(bringIn(join(dir, 'folder'))).rejects.toThrow(
      `${join(root, 'mine')} is there already; --force replaces it`,
    );
    expect(snapshot(root)).toEqual(before);
    await bringIn(join(dir, 'folder'), { force: true });
    expect(below(root)).toEqual(['mine', ...whole.map((path) => `mine/${path}`)]);
  });

  it('stays when its replacement fails', async () => {
    await writeCaptionSet(join(root, 'mine'), [{ file: 'old.png' }]);
    const before = snapshot(root);
    await expect(bringIn(file('a.zip', zipOf([{ name: 'a.txt' }])), { force: true })).rejects.toThrow(LegendaError);
    expect(snapshot(root)).toEqual(before);
  });

  it('comes back, and leavings go, when an import was killed', async () => {
    await writeCaptionSet(join(root, '.mine.import-999999999', 'old'), [{ file: 'old.png' }]);
    await writeCaptionSet(join(dir, 'folder'));
    await expect(bringIn(join(dir, 'folder'))).rejects.toThrow('is there already');
    expect(below(root)).toEqual(['mine', 'mine/dataset.json', 'mine/images', 'mine/images/old.png']);
    await writeCaptionSet(join(root, '.mine.import-999999998', 'set'));
    await bringIn(join(dir, 'folder'), { force: true });
    expect(readdirSync(root)).toEqual(['mine']);
  });
});

describe('what fails leaves nothing behind', () => {
  const nothing = (): void => expect(existsSync(root) ? readdirSync(root) : []).toEqual([]);

  it.each<[string, (files: ArchivedFile[]) => Buffer, string]>([
    ['a path that leads outside', (files) => zipOf([...files, { name: '../../evil.png' }]), 'evil.png'],
    ['a link', (files) => tarOf([...files, { name: 'images/5.png', link: '/etc/passwd' }]), '"images/5.png" is a link'],
    ['no captions', (files) => zipOf(files.filter(({ name }) => name !== 'dataset.json')), 'a.archive has no captions'],
    [
      'captions that are wrong',
      (files) => tarOf([{ name: 'dataset.json', content: '{"images": [{}]}' }, ...files.slice(1)]),
      'a.archive/dataset.json: "images.0.filename"',
    ],
    ['no image', (files) => zipOf(files.slice(0, 1)), 'mine: 4 of 4 images are missing, first 1.png (in '],
    [
      'images in another archive',
      (files) => zipOf([...files.slice(0, 1), { name: 'imgs.rar', content: 'Rar!' }]),
      'imgs.rar must be unpacked first',
    ],
    ['a cut', (files) => gzipSync(tarOf(files)).subarray(0, 400), 'is damaged, cut short or refused'],
  ])('%s', async (_, make, message) => {
    const path = file('a.archive', make(await archived()));
    const importing = bringIn(path);
    await expect(importing).rejects.toBeInstanceOf(LegendaError);
    await expect(importing).rejects.toThrow(message);
    await expect(importing).rejects.toThrow(/^(?!.*\.mine)/u);
    nothing();
  });

  it('more than the limits', async () => {
    const limits = { ...archiveLimits, entries: 3 };
    await expect(bringIn(file('a.zip', zipOf(await archived())), { limits })).rejects.toThrow(
      'more than 3 files and folders',
    );
    nothing();
  });

  it('an interruption', async () => {
    for (const unit of ['bytes', 'images']) {
      const controller = new AbortController();
      const onProgress = (progress: { unit: string }): void => {
        if (progress.unit === unit) controller.abort(new Error('interrupted'));
      };
      const path = file('a.zip', zipOf(await archived()));
      await expect(bringIn(path, { signal: controller.signal, onProgress })).rejects.toThrow('interrupted');
      nothing();
    }
  });

  it('a name that is none, a path that is not there', async () => {
    for (const name of ['', '../mine', '.mine', 'a/b', 'a b']) {
      await expect(bringIn(dir, {}, name)).rejects.toBeInstanceOf(UsageError);
    }
    await expect(bringIn(join(dir, 'nothing'))).rejects.toThrow(
      `cannot read ${join(dir, 'nothing')}: there is no such file`,
    );
    nothing();
  });
});
