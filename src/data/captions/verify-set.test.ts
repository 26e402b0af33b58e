import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fourImages, type SmallImage, writeCaptionSet } from '../../../test/support/caption-set.js';
import { dataFile } from '../../../test/support/data.js';
import { type CaptionSetCheck, verifyCaptionSet } from './verify-set.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legenda-verify-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const image = (name: string): string => join(folder, 'images', name);

async function verify(images: readonly SmallImage[], spoil = (): void => {}): Promise<CaptionSetCheck> {
  await writeCaptionSet(folder, images);
  spoil();
  return verifyCaptionSet(folder);
}

const messages = (findings: CaptionSetCheck['problems']): string[] =>
  findings.map(({ kind, message }) => `${kind}: ${message}`);

it('finds nothing where nothing is wrong', async () => {
  const progress: string[] = [];
  await writeCaptionSet(folder);
  const check = await verifyCaptionSet(folder, { onProgress: (done, total) => progress.push(`${done}/${total}`) });
  expect(check).toMatchObject({ folder, sizes: { train: 2, val: 1, test: 1 }, problems: [], notes: [] });
  expect(check.captions).toMatch(/^unknown captions sha256 /);
  expect(progress).toEqual(['1/4', '2/4', '3/4', '4/4']);
});

it('finds images that are missing or cannot be read, and goes on', async () => {
  const { problems } = await verify(fourImages, () => {
    rmSync(image('2.png'));
    writeFileSync(image('3.png'), readFileSync(image('3.png')).subarray(0, 60));
    writeFileSync(image('10.png'), 'text');
  });
  expect(problems.map(({ kind, files }) => [kind, ...files])).toEqual([
    ['missing', '2.png'],
    ['unreadable', '3.png'],
    ['unreadable', '10.png'],
  ]);
  expect(problems[0]!.message).toBe(`2.png is not in ${join(folder, 'images')}`);
  expect(problems[1]!.message).toContain(`${image('3.png')} is damaged or cut short`);
  expect(problems[2]!.message).toContain(`${image('10.png')} is a text file`);
});

it('finds captions without words, and images without captions', async () => {
  const { problems } = await verify([
    { file: '1.png', captions: ['One', '', ' '] },
    { file: '2.png', captions: [] },
    { file: '3.png', captions: ['   '], split: 'val' },
  ]);
  expect(messages(problems)).toEqual([
    'empty caption: caption 2 of 1.png is empty',
    'empty caption: caption 3 of 1.png is empty',
    'uncaptioned: 2.png has no captions',
    'empty caption: caption 1 of 3.png is empty',
  ]);
});

it('finds the same image in two splits, by bytes or by pixels; within a split it is a note', async () => {
  const colour = [1, 2, 3] as const;
  const images: SmallImage[] = [
    { file: '1.png', colour },
    { file: '2.png', colour, split: 'test' },
    { file: '3.png', colour: [9, 9, 9] },
    { file: '4.png', colour: [9, 9, 9] },
    { file: '5.png', colour: [50, 60, 70] },
    { file: '6.png', colour: [50, 60, 70], split: 'val' },
  ];
  await writeCaptionSet(folder, images);
  const again = await sharp(image('6.png')).png({ compressionLevel: 0 }).toBuffer();
  writeFileSync(image('6.png'), again);
  const { problems, notes } = await verifyCaptionSet(folder);
  expect(messages(problems)).toEqual([
    'leak: 1.png (train) and 2.png (test) are the same file',
    'leak: 5.png (train) and 6.png (val) have the same pixels',
  ]);
  expect(messages(notes)).toEqual(['duplicate: 3.png (train) and 4.png (train) are the same file']);
});

it('notes captions that repeat, and splits that are not there', async () => {
  const { problems, notes } = await verify([
    { file: '1.png', captions: ['A road', 'a road', 'A ROAD', 'A river'] },
    { file: '2.png', captions: ['A road', 'A road'] },
  ]);
  expect(problems).toEqual([]);
  expect(messages(notes)).toEqual([
    'repeated caption: 3 captions say what another of the same image says, in 2 images',
    'split: there are no images of the split val: nothing can be trained',
    'split: there are no images of the split test',
  ]);
});

it.each([
  [3000, ['dark: 1.png is nearly black']],
  [20_000, []],
])('notes an image of 16 bits whose values stop at %i as nearly black', async (brightest, expected) => {
  const values = new Uint16Array(8 * 8 * 3).fill(brightest);
  const png = await sharp(values, { raw: { width: 8, height: 8, channels: 3 } })
    .toColourspace('rgb16')
    .png()
    .toBuffer();
  expect((await sharp(png).metadata()).depth).toBe('ushort');
  const { notes } = await verify([{ file: '1.png' }], () => writeFileSync(image('1.png'), png));
  const dark = messages(notes).filter((message) => message.startsWith('dark'));
  expect(dark.map((message) => message.slice(0, 27))).toEqual(expected);
});

it('stops when it is told to', async () => {
  await writeCaptionSet(folder);
  await expect(verifyCaptionSet(folder, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
});

it('Sydney-Captions, as far as it is at hand', async (context) => {
  const path = dataFile('sydney-captions', 'dataset.json');
  if (!path) return context.skip('no sydney-captions in the data root');
  const check = await verifyCaptionSet(join(path, '..'));
  expect(check.sizes).toEqual({ train: 497, val: 58, test: 58 });
  expect(check.problems.filter(({ kind }) => kind !== 'missing')).toEqual([]);
});
