import { describe, expect, test } from 'vitest';
import { parseIdx } from './idx.js';

const header = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3];
const file = Uint8Array.from([...header, 1, 2, 3, 4, 5, 6]);

const changed = (position: number, value: number): Uint8Array => {
  const copy = file.slice();
  copy[position] = value;
  return copy;
};

describe('parseIdx', () => {
  test('reads shape and values, sharing the bytes', () => {
    const { shape, data } = parseIdx(file, 'f');
    expect(shape).toEqual([2, 3]);
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(data.buffer).toBe(file.buffer);
  });

  test('reads from the middle of a larger buffer', () => {
    const inside = Uint8Array.from([9, 9, 9, ...file, 9]).subarray(3, 3 + file.length);
    expect([...parseIdx(inside, 'f').data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test.each([
    ['empty', new Uint8Array(), 'f is not an IDX file: it must start with two zero bytes, not nothing'],
    ['no zero bytes', changed(0, 0x1f), 'not 1f00'],
    ['floats', changed(2, 0x0d), 'f: IDX element type 0x08 (unsigned byte) was expected, got 0x0d'],
    ['no axes', changed(3, 0), 'f: 1 to 4 IDX axes were expected, got 0'],
    ['many axes', changed(3, 255), '1 to 4 IDX axes were expected, got 255'],
    ['header cut short', file.subarray(0, 11), 'the IDX header needs 12 bytes, the file has 11'],
    ['values cut short', file.subarray(0, 17), 'shape [2,3] needs 18 bytes, the file has 17'],
    ['bytes left over', Uint8Array.from([...file, 0]), 'shape [2,3] needs 18 bytes, the file has 19'],
    ['a size beyond any memory', changed(4, 255), 'shape [4278190082,3] needs 12834570258 bytes'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseIdx(bytes, 'f')).toThrow(message);
  });
});
