import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fourImages, karpathyOf, writeCaptionSet } from '../../../test/support/caption-set.js';
import { dataFile } from '../../../test/support/data.js';
import { loadCaptionSet } from './load-set.js';
import { sha256Of } from './text-file.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'legenda-set-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const load = (name: string, options = {}) => loadCaptionSet(name, { root, ...options });

describe('a caption set', () => {
  it('is found by name in the data root', async () => {
    await writeCaptionSet(join(root, 'mine'));
    const set = await load('mine');
    expect(set).toMatchObject({
      name: 'mine',
      imageFolder: join(root, 'mine', 'images'),
      captionFile: join(root, 'mine', 'dataset.json'),
      sha256: sha256Of(karpathyOf(fourImages)),
      captions: `unknown captions sha256 ${sha256Of(karpathyOf(fourImages)).slice(0, 12)}…`,
      warnings: [],
    });
    expect(set.images.map(({ file, split }) => [file, split])).toEqual([
      ['1.png', 'train'],
      ['2.png', 'train'],
      ['3.png', 'val'],
      ['10.png', 'test'],
    ]);
  });

  it('is any folder: another JSON, images beside it, or behind a link', async () => {
    const folder = join(root, 'somewhere', 'else');
    await writeCaptionSet(folder);
    renameSync(join(folder, 'dataset.json'), join(folder, 'dataset_mine.json'));
    writeFileSync(join(folder, 'package.json'), '{"name": "no captions"}');
    expect(await load(folder)).toMatchObject({ name: 'else', imageFolder: join(folder, 'images') });
    renameSync(join(folder, 'images'), join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(folder, 'pictures'));
    expect(await load(folder)).toMatchObject({ imageFolder: join(folder, 'pictures') });
    renameSync(join(folder, 'dataset_mine.json'), join(root, 'elsewhere', 'captions.json'));
    expect(await load(join(root, 'elsewhere'))).toMatchObject({ imageFolder: join(root, 'elsewhere') });
  });

  it('has images in folders of their own', async () => {
    const images = [{ file: 'a/1.png' }, { file: 'b/c/1.png', split: 'val' }];
    await writeCaptionSet(join(root, 'deep'), images);
    expect((await load('deep')).imageFolder).toBe(join(root, 'deep', 'images'));
  });

  it('is a CSV, divided by the seed', async () => {
    await writeCaptionSet(join(root, 'table'));
    rmSync(join(root, 'table', 'dataset.json'));
    const rows = fourImages.map(({ file }) => `${file},Words on ${file}\n`);
    writeFileSync(join(root, 'table', 'list.csv'), `file,caption\n${rows.join('')}`);
    const set = await load('table', { seed: 3 });
    expect(set.captionFile).toBe(join(root, 'table', 'list.csv'));
    expect(set.warnings).toEqual([
      'the file says nothing of splits: the images were divided at random, 80 % for training',
    ]);
    expect(set.images.map(({ split }) => split).sort()).toEqual(['test', 'train', 'train', 'val']);
  });

  it('leaves out what has no words, and says so; a split may be absent', async () => {
    const images = [
      { file: '1.png', captions: ['A road', ''] },
      { file: '2.png', captions: [' '] },
      { file: '3.png', captions: [] },
    ];
    await writeCaptionSet(join(root, 'gaps'), images);
    const set = await load('gaps');
    expect(set.images.map(({ captions }) => captions.length)).toEqual([1]);
    expect(set.warnings).toEqual([
      '2 captions have no words and are left out',
      '2 images have no captions and are left out, first 2.png',
      'there are no validation images',
      'there are no test images',
    ]);
    await writeCaptionSet(join(root, 'test-only'), [{ file: '1.png', split: 'test' }]);
    expect((await load('test-only')).warnings[0]).toBe(
      'there are no training images: nothing can be trained on this set',
    );
  });

  it('UCM-Captions', async (context) => {
    const path = dataFile('ucm-captions', 'dataset.json');
    if (!path) return context.skip('no ucm-captions in the data root');
    const set = await loadCaptionSet(join(path, '..'), { root });
    expect(set.images.length).toBe(1890);
    expect(set.warnings).toEqual(['there are no test images']);
    expect(set.captions).toBe('corrected captions of UCM-Captions, re-encoded JPEG, without test split');
  });

  it('Sydney-Captions, with most images missing', async (context) => {
    const path = dataFile('sydney-captions', 'dataset.json');
    if (!path) return context.skip('no sydney-captions in the data root');
    const folder = join(path, '..');
    await expect(loadCaptionSet(folder, { root })).rejects.toThrow('610 of 613 images are missing, first 4.tif');
    const set = await loadCaptionSet(folder, { root, partial: true });
    expect(set.images.map(({ file }) => file)).toEqual(['1.tif', '2.tif', '3.tif']);
    expect(set.captions).toBe('corrected captions of Sydney-Captions');
  });
});

describe('what is no caption set is named', () => {
  it('no such name or folder', async () => {
    await expect(load('nothing')).rejects.toThrow(
      `there is no caption set "nothing": no folder ${join(root, 'nothing')} or `,
    );
    await expect(load('./nothing')).rejects.toThrow('there is no caption set "./nothing"');
  });

  it('a folder without captions, with archives, with several files of captions', async () => {
    mkdirSync(join(root, 'empty'));
    await expect(load('empty')).rejects.toThrow(`${join(root, 'empty')} has no captions: a dataset.json`);
    writeFileSync(join(root, 'empty', 'UCM_captions.zip'), '');
    await expect(load('empty')).rejects.toThrow('UCM_captions.zip must be unpacked first');
    writeFileSync(join(root, 'empty', 'a.json'), karpathyOf(fourImages));
    await expect(load('empty')).rejects.toThrow(
      'none of the 4 images is there; UCM_captions.zip must be unpacked first',
    );
    writeFileSync(join(root, 'empty', 'b.json'), karpathyOf(fourImages));
    await expect(load('empty')).rejects.toThrow('more than one file with captions: a.json, b.json; one is expected');
    writeFileSync(join(root, 'empty', 'a.json'), '{}');
    writeFileSync(join(root, 'empty', 'b.json'), '{');
    await expect(load('empty')).rejects.toThrow('no file with captions: a.json, b.json');
  });

  it.each([
    ['no JSON', '{"images": [', 'is not JSON'],
    ['nothing', '', 'is empty'],
    ['another form', '{"images": {}}', '"images"'],
    ['no images', '{"images": []}', 'has no images'],
  ])('captions that are %s', async (_, text, message) => {
    await writeCaptionSet(join(root, 'bad'));
    writeFileSync(join(root, 'bad', 'dataset.json'), text);
    await expect(load('bad')).rejects.toThrow(message);
    await expect(load('bad')).rejects.toThrow(join(root, 'bad', 'dataset.json'));
  });

  it('images that are missing, or have nothing said of them', async () => {
    await writeCaptionSet(join(root, 'gaps'));
    rmSync(join(root, 'gaps', 'images', '2.png'));
    await expect(load('gaps')).rejects.toThrow(
      `gaps: 1 of 4 images are missing, first 2.png (in ${join(root, 'gaps', 'images')})`,
    );
    const set = await load('gaps', { partial: true });
    expect(set.images.length).toBe(3);
    expect(set.warnings).toEqual(['1 of 4 images are missing, first 2.png, and left out']);
    rmSync(join(root, 'gaps', 'images'), { recursive: true });
    await expect(load('gaps', { partial: true })).rejects.toThrow('4 of 4 images are missing');
    await writeCaptionSet(join(root, 'silent'), [{ file: '1.png', captions: [''] }]);
    await expect(load('silent')).rejects.toThrow('none of the 1 images has a caption with words');
  });
});
