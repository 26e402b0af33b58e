import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCandidates, readReferences } from './caption-files.js';
import { pairCaptions } from './pair.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
/** Writes a file: text as it is, anything else as JSON. */
function file(content: unknown): string {
  const path = join(folder, `${files++}`);
  writeFileSync(path, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
}

const karpathy = {
  dataset: 'test',
  images: [
    { filename: '1.tif', imgid: 0, split: 'train', sentences: [{ raw: 'A road .', tokens: ['A', 'road'] }] },
    { filename: '2.tif', imgid: 1, split: 'val', sentences: [{ raw: 'A river .' }, { tokens: ['Two', 'rivers'] }] },
    { filename: '3.tif', imgid: 2, split: 'val', sentences: [{ raw: 'Trees .' }] },
  ],
};

const pair = async (candidates: unknown, references: unknown, split?: string, partial = false) =>
  pairCaptions(await readCandidates(file(candidates)), await readReferences([file(references)], split), { partial });

describe('captions to be scored find their references', () => {
  it('by number or file name in Karpathy’s form', async () => {
    const expected = [
      { candidate: 'x', references: ['A river .', 'Two rivers'] },
      { candidate: 'y', references: ['Trees .'] },
    ];
    const byNumber = [
      { image_id: 2, caption: 'y' },
      { image_id: 1, caption: 'x' },
    ];
    expect(await pair(byNumber, karpathy, 'val')).toEqual(expected);
    const byName = [
      { image_id: '3.tif', caption: 'y' },
      { image_id: './2.tif', caption: 'x' },
    ];
    expect(await pair(byName, karpathy, 'val')).toEqual(expected);
  });

  it('by number in COCO’s form', async () => {
    const annotations = {
      images: [{ id: 7, file_name: 'a.jpg' }],
      annotations: [
        { image_id: 7, caption: 'one' },
        { image_id: 7, caption: 'two' },
      ],
    };
    const expected = [{ candidate: 'x', references: ['one', 'two'] }];
    expect(await pair([{ image_id: 7, caption: 'x' }], annotations)).toEqual(expected);
    expect(await pair([{ image_id: 'a.jpg', caption: 'x' }], annotations)).toEqual(expected);
  });

  it('by line in text files, where an empty line is no reference', async () => {
    const references = await readReferences([file('a b\nc\r\n'), file('d\n\n')]);
    expect(pairCaptions(await readCandidates(file('x\n\n')), references)).toEqual([
      { candidate: 'x', references: ['a b', 'd'] },
      { candidate: '', references: ['c'] },
    ]);
  });
});

it('names the references by the digest of their file and by their split', async () => {
  expect(await readReferences([file('a\n')])).toMatchObject({
    sha256: '87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7',
    split: 'all',
  });
  expect((await readReferences([file(karpathy)], 'train')).split).toBe('train');
});

describe('what does not fit is named', () => {
  it.each([
    ['images without a candidate', [{ image_id: 1, caption: '' }], '1 of 2 images have no candidate, first image 2'],
    ['an unknown image', [{ image_id: 9, caption: '' }], 'image 9 of the candidates has no references'],
    ['text beside JSON', 'a\nb\n', 'text files are compared with text files'],
    ['two captions', [1, 1].map((image_id) => ({ image_id, caption: '' })), 'image 1 has more than one caption'],
    [
      'one image under two names',
      [1, '2.tif'].map((image_id) => ({ image_id, caption: '' })),
      'image 2.tif of the candidates is there twice',
    ],
    ['another form', { a: 1 }, 'COCO results are expected'],
    ['no JSON', '[{', 'is not JSON'],
    ['no text', Uint8Array.of(0xff, 0xfe, 0), 'is not text in UTF-8'],
    ['nothing', '\n', 'is empty'],
  ])('%s', async (_, candidates, message) => {
    await expect(pair(candidates, karpathy, 'val')).rejects.toThrow(message);
  });

  it('an image without references, and a number of lines', async () => {
    await expect(pair('a\nb\n', 'x\n\n')).rejects.toThrow('line 2 has no references');
    await expect(readReferences([file('a\n'), file('b\nc\n')])).rejects.toThrow(/has 2 lines, .* has 1/);
  });

  it('a split that is not there, not said, or said of a file without splits', async () => {
    const path = file(karpathy);
    await expect(readReferences([path])).rejects.toThrow(
      'has the splits train, val: one of them is expected as --split',
    );
    await expect(readReferences([path], 'test')).rejects.toThrow('"test" came');
    await expect(readReferences([file('a\n')], 'test')).rejects.toThrow('--split belongs to');
  });

  it.each(['../x.jpg', '/x.jpg', 'a/../../x.jpg', 'C:\\x.jpg', '\\x.jpg', 'x\0.jpg'])(
    'a path out of the folder: %s',
    async (filename) => {
      const hostile = { images: [{ ...karpathy.images[0], filename }] };
      await expect(readReferences([file(hostile)])).rejects.toThrow('is not a path below the folder of images');
    },
  );

  it('an image that is there twice, and a sentence without text', async () => {
    const twice = { images: [karpathy.images[0], karpathy.images[0]] };
    await expect(readReferences([file(twice)])).rejects.toThrow('the image "1.tif" is there twice');
    const twoNames = { images: [karpathy.images[0], { ...karpathy.images[0], filepath: '.' }] };
    await expect(readReferences([file(twoNames)])).rejects.toThrow('the image "1.tif" is there twice');
    const empty = { images: [{ ...karpathy.images[0], sentences: [{}] }] };
    await expect(readReferences([file(empty)])).rejects.toThrow(
      '"images.0.sentences.0": a sentence needs "raw" or "tokens"',
    );
  });
});

it('scores only the images that have a candidate when asked to', async () => {
  const candidates = [{ image_id: 2, caption: 'y' }];
  expect(await pair(candidates, karpathy, 'val', true)).toEqual([{ candidate: 'y', references: ['Trees .'] }]);
});
