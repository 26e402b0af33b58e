import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { tarOf, zipOf } from './support/archives.js';
import { filesOf, fourImages, karpathyOf, smallImage, writeCaptionSet } from './support/caption-set.js';
import { legenda, refused, startLegenda } from './support/cli.js';
import { inFolder } from './support/training.js';

const imageOf = (root: string, name: string): string => join(root, 'mine', 'images', name);

test.concurrent('import, list and verify a set of the user', () =>
  inFolder(async (dir) => {
    const root = join(dir, 'root');
    await writeCaptionSet(join(dir, 'source'));
    const imported = await legenda(['data', 'import', 'mine', join(dir, 'source'), '--data', root]);
    expect(imported).toMatchObject({ status: 0, stderr: '' });
    expect(imported.stdout).toMatch(
      /^mine: 4 images with 5 captions \(unknown captions sha256 [0-9a-f]{12}…\), from .*source\n$/,
    );
    const listed = await legenda(['data', 'list', '--data', root]);
    expect(listed.stdout).toMatch(/\nsydney-captions +absent +613 aerial/);
    expect(listed.stdout).toMatch(/\nmine +here +4 images +your own; unknown captions sha256 /);
    const verified = await legenda(['data', 'verify', 'mine', '--data', root]);
    expect(verified).toMatchObject({ status: 0, stderr: '' });
    expect(verified.stdout).toContain(`good  ${join(root, 'mine')}: train 2, val 1, test 1 images; unknown captions`);
    await refused(
      ['data', 'import', 'mine', join(dir, 'source'), '--data', root],
      1,
      `${join(root, 'mine')} is there already; --force`,
      dir,
    );
  }));

test.concurrent('verify finds everything that is wrong, with status 1', () =>
  inFolder(async (root) => {
    const images = [
      ...fourImages,
      { file: '11.png', captions: [''] },
      { file: '12.png', split: 'test', colour: [0, 40, 90] as const },
      { file: '13.png', colour: [20, 40, 90] as const, captions: ['Same', 'same'] },
    ];
    await writeCaptionSet(join(root, 'mine'), images);
    rmSync(imageOf(root, '3.png'));
    writeFileSync(imageOf(root, '10.png'), readFileSync(imageOf(root, '10.png')).subarray(0, 50));
    const people = await legenda(['data', 'verify', '--data', root]);
    expect(people.status).toBe(1);
    expect(people.stdout).toContain(`wrong  ${join(root, 'mine')}: train 4, val 1, test 2 images`);
    expect(people.stdout).toContain('leak  1.png (train) and 12.png (test) are the same file');
    expect(people.stdout).toContain('duplicate  2.png (train) and 13.png (train) are the same file');
    expect(people.stderr).toBe(
      `legenda: mine (${join(root, 'mine')}) is not as it should be: 1 missing, 1 unreadable, 1 empty caption, 1 leak; ` +
        `first: 3.png is not in ${join(root, 'mine', 'images')}\n`,
    );
    const programs = await legenda(['data', 'verify', 'mine', '--json', '--data', root]);
    expect(programs.status).toBe(1);
    const [set] = JSON.parse(programs.stdout).sets;
    const kinds = ({ kind, files }: { kind: string; files: string[] }) => [kind, ...files];
    expect(set.problems.map(kinds)).toEqual([
      ['missing', '3.png'],
      ['unreadable', '10.png'],
      ['empty caption', '11.png'],
      ['leak', '1.png', '12.png'],
    ]);
    expect(set.notes.map(kinds)).toEqual([
      ['duplicate', '2.png', '13.png'],
      ['repeated caption', '13.png'],
    ]);
    const listed = await legenda(['data', 'list', '--data', root]);
    expect(listed.stdout).toMatch(/\nmine +incomplete +6 of 7 images/);
  }));

test.concurrent('notes alone leave the status at 0', () =>
  inFolder(async (root) => {
    await writeCaptionSet(join(root, 'mine'), [{ file: '1.png', captions: ['Same', 'same'] }]);
    const result = await legenda(['data', 'verify', 'mine', '--data', root]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toContain(
      'repeated caption  1 captions say what another of the same image says, in 1 images',
    );
    expect(result.stdout).toContain('split  there are no images of the split val');
  }));

test.concurrent('what is no caption set is refused, and nothing is left', () =>
  inFolder(async (dir) => {
    const root = join(dir, 'root');
    mkdirSync(join(dir, 'empty'));
    mkdirSync(root);
    const files = [...(await filesOf(fourImages))].map(([name, content]) => ({ name, content }));
    const sources = {
      'outside.zip': zipOf([...files, { name: '../../out.png', content: 'x' }]),
      'link.tar': tarOf([...files, { name: 'images/9.png', link: '/etc/passwd' }]),
      'cut.tar.gz': gzipSync(tarOf(files)).subarray(0, 500),
      'images.rar': Buffer.from('Rar!\x1a\x07\0'),
      'words.zip': Buffer.from('no archive'),
      'captions.zip': zipOf([{ name: 'dataset.json', content: karpathyOf(fourImages) }]),
    };
    for (const [name, content] of Object.entries(sources)) writeFileSync(join(dir, name), content);
    const cases = {
      empty: 'empty has no captions: a dataset.json of Karpathy',
      'outside.zip': 'outside.zip is damaged, cut short or refused: invalid relative path: ../../out.png',
      'link.tar': 'link.tar is not unpacked: "images/9.png" is a link, only files and folders are accepted',
      'cut.tar.gz': 'cut.tar.gz is damaged, cut short or refused: unexpected end of file',
      'images.rar': 'images.rar is a RAR archive, a folder or a .zip, .tar or .tar.gz was expected: unpack it first',
      'words.zip': 'words.zip is no archive, a folder or a .zip, .tar or .tar.gz was expected',
      'captions.zip': 'mine: 4 of 4 images are missing, first 1.png',
      'nothing.zip': 'nothing.zip: there is no such file or folder',
    };
    for (const [name, message] of Object.entries(cases)) {
      const args = ['data', 'import', 'mine', join(dir, name), '--data', root];
      const result = await legenda(args);
      expect(result, name).toMatchObject({ status: 1, stdout: '', stderr: expect.not.stringMatching(/\n {4}at /) });
      expect(result.stderr).toContain(message);
      expect(readdirSync(root)).toEqual([]);
    }
    await refused(['data', 'import', '../mine', join(dir, 'empty'), '--data', root], 2, '"../mine" is no name', root);
    await refused(
      ['data', 'import', 'fashion-mnist', join(dir, 'empty'), '--data', root],
      2,
      '"fashion-mnist" is the name of a set',
      root,
    );
    await refused(['data', 'import', 'scenes', join(dir, 'empty'), '--data', root], 2, '"scenes" is the name', root);
  }));

test.concurrent('Ctrl-C during an import leaves nothing behind', () =>
  inFolder(async (dir) => {
    const root = join(dir, 'root');
    const content = await smallImage([1, 2, 3]);
    const images = Array.from({ length: 4000 }, (_, i) => ({ file: `${i}.png` }));
    const files = images.map(({ file }) => ({ name: `images/${file}`, content }));
    writeFileSync(join(dir, 'a.tar'), tarOf([{ name: 'dataset.json', content: karpathyOf(images) }, ...files]));
    const { child, ended } = startLegenda(['data', 'import', 'mine', join(dir, 'a.tar'), '--data', root]);
    while (child.exitCode === null && !existsSync(join(root, `.mine.import-${child.pid}`))) await sleep(5);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 130, stdout: '', stderr: 'legenda: interrupted\n' });
    expect(readdirSync(root)).toEqual([]);
  }));

test.concurrent('get says what to do by hand', () =>
  inFolder(async (root) => {
    for (const name of ['ucm-captions', 'rsicd-captions']) {
      const result = await legenda(['data', 'get', name, '--data', root]);
      expect(result).toMatchObject({ status: 1, stdout: '' });
      expect(result.stderr).toContain('no address is known from which a program could fetch it');
      expect(result.stderr).toContain('https://github.com/201528014227051/RSICD_optimal');
      expect(result.stderr).toContain(`legenda data import ${name} FOLDER`);
      expect(result.stderr).toContain(`below ${join(root, name)} yourself`);
    }
    const offline = await legenda(['data', 'get', 'sydney-captions', '--offline', '--data', root]);
    expect(offline).toMatchObject({ status: 1, stdout: '' });
    expect(offline.stderr).toContain('the network was not used (offline)');
    await writeCaptionSet(join(root, 'rsicd-captions'));
    const here = await legenda(['data', 'get', 'rsicd-captions', '--json', '--data', root]);
    expect(here).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(here.stdout)).toMatchObject({
      name: 'rsicd-captions',
      source: join(root, 'rsicd-captions'),
      images: 4,
    });
  }));
