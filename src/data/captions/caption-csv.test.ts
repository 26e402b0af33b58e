import { describe, expect, it } from 'vitest';
import { readCaptionCsv } from './caption-csv.js';

const read = (text: string, seed = 1) => readCaptionCsv(text, 'captions.csv', seed);

describe('a CSV of captions', () => {
  it('has several lines an image, quotes, blanks, and columns in any order', () => {
    const { images, divided } = read(
      '\uFEFFsplit,caption,file\r\nTrain,"Two planes, parked.",a/1.tif\r\n\r\nvalidation, A river ,2.tif\r\n' +
        'train,"A ""blue"" pool",a/1.tif\r\n',
    );
    expect(divided).toBe(false);
    expect(images).toEqual([
      {
        file: 'a/1.tif',
        id: undefined,
        split: 'train',
        captions: [
          { raw: 'Two planes, parked.', tokens: ['two', 'planes', 'parked'] },
          { raw: 'A "blue" pool', tokens: ['a', 'blue', 'pool'] },
        ],
      },
      { file: '2.tif', id: undefined, split: 'val', captions: [{ raw: 'A river', tokens: ['a', 'river'] }] },
    ]);
  });

  it('has one image of two names of a file', () => {
    const { images } = read('file,caption,split\n0.png,a,val\n./0.png,b,val\na//b.png,c,val\na/./b.png,d,val\n');
    expect(images.map(({ file, captions }) => [file, captions.length])).toEqual([
      ['0.png', 2],
      ['a/b.png', 2],
    ]);
  });

  it('keeps empty captions, which are for others to judge', () => {
    expect(read('file,caption\n1.tif,\n').images[0]!.captions).toEqual([{ raw: '', tokens: [] }]);
  });

  it('without splits is divided at random, the same for the same seed', () => {
    const text = `file,caption\n${Array.from({ length: 50 }, (_, i) => `${i}.tif,one\n${i}.tif,two\n`).join('')}`;
    const splits = (seed: number) => read(text, seed).images.map(({ split }) => split);
    const count = (split: string) => splits(7).filter((own) => own === split).length;
    expect(read(text).divided).toBe(true);
    expect([count('train'), count('val'), count('test')]).toEqual([40, 5, 5]);
    expect(splits(7)).toEqual(splits(7));
    expect(splits(7)).not.toEqual(splits(8));
    expect(
      read('file,caption\n1.tif,a\n2.tif,b\n3.tif,c\n')
        .images.map(({ split }) => split)
        .sort(),
    ).toEqual(['test', 'train', 'val']);
    expect(read('file,caption\n1.tif,a\n2.tif,b\n').images.map(({ split }) => split)).toEqual(['train', 'train']);
  });

  it.each([
    [
      'no header',
      '1.tif,A river\n',
      'a first line "file,caption" or "file,caption,split" was expected, "1.tif,A river" came',
    ],
    ['a column that is not known', 'file,caption,lang\n', '"file,caption,lang" came'],
    ['a column twice', 'file,caption,file\n', 'was expected'],
    ['a cell too few', 'file,caption\n1.tif\n', 'captions.csv: line 2: 2 cells were expected, 1 came'],
    ['a cell too many', 'file,caption\n1.tif,Trees, houses\n', 'line 2: 2 cells were expected, 3 came'],
    [
      'an unknown split',
      'file,caption,split\n1.tif,a,dev\n',
      'line 2: the split train, val, test was expected, "dev" came',
    ],
    [
      'an image in two splits',
      'file,caption,split\n1.tif,a,val\n1.tif,a,test\n',
      'line 3: "1.tif" is in the split test',
    ],
    ['no file', 'file,caption\n,a\n', 'line 2: the file has no name'],
    ['a path out of the folder', 'file,caption\n../1.tif,a\n', '"../1.tif" is not a path below the folder of images'],
    ['a quote that does not end', 'file,caption\n1.tif,"a\n', 'captions.csv is not CSV'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
