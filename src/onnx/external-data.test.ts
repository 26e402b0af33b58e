import { describe, expect, it } from 'vitest';
import { onnxModel, onnxNode, valueInfo } from '../../test/support/onnx-model.js';
import { LegendaError } from '../errors.js';
import { toNumbers } from '../tensor/tensor.js';
import { externalFilesOf, includeExternalData } from './external-data.js';
import { readOnnx } from './read.js';

type Entries = Readonly<Record<string, string>>;

/** y = x·w + b, whose weights are elsewhere. */
const model = (w: Entries, b: Entries): Uint8Array => {
  const elsewhere = (name: string, dims: bigint[], entries: Entries) => ({
    name,
    dims,
    dataType: 1,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
  return onnxModel({
    name: 'g',
    input: [valueInfo('x', 'float32', [1, 2])],
    output: [valueInfo('y', 'float32', [1, 3])],
    node: [onnxNode('Gemm: x, w, b -> y')],
    initializer: [elsewhere('w', [2n, 3n], w), elsewhere('b', [3n], b)],
  });
};

const bytesOf = (...numbers: number[]): Uint8Array => new Uint8Array(Float32Array.from(numbers).buffer);
const rest = { 'b.bin': bytesOf(7, 8, 9) };

describe('values in other files', () => {
  it('are named, and come into the model', () => {
    const file = model({ location: 'm.data', offset: '4', length: '24' }, { location: 'b.bin' });
    expect(externalFilesOf(file)).toEqual(['m.data', 'b.bin']);
    const whole = includeExternalData(file, { 'm.data': bytesOf(0, 1, 2, 3, 4, 5, 6, 0), ...rest });
    const { parameters } = readOnnx(whole);
    expect(toNumbers(parameters.get('w')!)).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6));
    expect(toNumbers(parameters.get('b')!)).toEqual(Float64Array.of(7, 8, 9));
    expect(externalFilesOf(whole)).toEqual([]);
    expect(includeExternalData(whole, {})).toBe(whole);
  });

  it.each<[string, Entries, string]>([
    [
      'in a file that is not given',
      { location: 'w' },
      'initialiser "w" has its values in the file "w": given are "b.bin"',
    ],
    ['in what every object has', { location: 'constructor' }, 'has its values in the file "constructor": given are'],
    ['nowhere', { offset: '0' }, 'initialiser "w" does not name one file that has its values'],
    ['before the beginning', { location: 'b.bin', offset: '-4' }, 'the offset "-4" of its values is no whole number'],
    ['at no place', { location: 'b.bin', offset: '1e3' }, 'the offset "1e3" of its values is no whole number'],
    ['far beyond', { location: 'b.bin', offset: '9'.repeat(30) }, 'is no whole number'],
    ['beyond the end', { location: 'b.bin', length: '24' }, 'from byte 0 to 24 of "b.bin", which has 12'],
    ['behind it', { location: 'b.bin', offset: '16' }, 'from byte 16 to 12 of "b.bin", which has 12'],
  ])('%s are refused', (_, entries, message) => {
    const include = () => includeExternalData(model(entries, { location: 'b.bin' }), rest);
    expect(include).toThrow(LegendaError);
    expect(include).toThrow(message);
  });

  it('that are too few are refused when they are read', () => {
    const whole = includeExternalData(model({ location: 'b.bin' }, { location: 'b.bin' }), rest);
    expect(() => readOnnx(whole)).toThrow('initialiser "w" float32[2,3] needs 6 values, raw_data has 12 bytes for 24');
  });
});
