import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LegendaError } from '../errors.js';
import { type DType, isFloat } from './dtype.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import { sizeOf } from './shape.js';
import { type Tensor, tensor } from './tensor.js';

const golden = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../test/golden/safetensors/${name}.safetensors`, import.meta.url)));

/** A file with the given header text, its length field and its data. */
function file(header: string, dataBytes = 0, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (shape: string, offsets: string, dtype = '"F32"') =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;

const byDType: Record<DType, fc.Arbitrary<number>> = {
  float32: fc.float(),
  float64: fc.double(),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  uint8: fc.nat(255),
  bool: fc.nat(1),
};

const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...(Object.keys(byDType) as DType[])), fc.array(fc.nat(3), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const length = sizeOf(shape);
    return fc
      .array(byDType[dtype], { minLength: length, maxLength: length })
      .map((values) => tensor(dtype, shape, values));
  });

const anyName = fc.string({ unit: 'grapheme' }).filter((name) => !['__proto__', '__metadata__'].includes(name));

describe('encodeSafetensors and decodeSafetensors', () => {
  it('give back any tensors and metadata, exactly', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(anyName, anyTensor), { selector: ([name]) => name, maxLength: 6 }),
        fc.dictionary(anyName, fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
        (tensors, metadata) => {
          const decoded = decodeSafetensors(encodeSafetensors(new Map(tensors), metadata));
          expect(decoded.tensors).toEqual(new Map(tensors));
          expect(decoded.metadata).toEqual(metadata);
        },
      ),
    );
  });

  it('read bytes at any offset of a larger buffer, and copy them', () => {
    const encoded = encodeSafetensors(new Map([['x', tensor('float64', [2], [1, 2])]]));
    const shifted = new Uint8Array(encoded.length + 3);
    shifted.set(encoded, 3);
    const { tensors } = decodeSafetensors(shifted.subarray(3));
    shifted.fill(0);
    expect(tensors.get('x')).toEqual(tensor('float64', [2], [1, 2]));
  });

  it('read a Buffer of Node as what it holds', () => {
    const whole = readFileSync(new URL('../../test/golden/safetensors/half.safetensors', import.meta.url));
    expect(decodeSafetensors(Buffer.from(whole))).toEqual(decodeSafetensors(new Uint8Array(whole)));
  });

  it('align the data to eight bytes', () => {
    for (const name of ['a', 'ab', 'abc', 'abcdefgh']) {
      const bytes = encodeSafetensors(new Map([[name, tensor('uint8', [1], [1])]]));
      expect((bytes.length - 1) % 8).toBe(0);
    }
  });

  it('keep names that look like array indices in the order of their data', () => {
    const tensors = new Map([
      ['b', tensor('float32', [1], [1])],
      ['10', tensor('float32', [1], [2])],
      ['9', tensor('float32', [1], [3])],
    ]);
    const text = new TextDecoder().decode(encodeSafetensors(tensors));
    expect(text.indexOf('"10"')).toBeLessThan(text.indexOf('"9"'));
    expect(text.indexOf('"9"')).toBeLessThan(text.indexOf('"b"'));
  });
});

describe('files of the reference implementation', () => {
  it('are read value for value', () => {
    const { tensors, metadata } = decodeSafetensors(golden('plain'));
    expect(metadata).toEqual({ 'made by': 'safetensors, the reference implementation' });
    const eighths = Array.from({ length: 12 }, (_, i) => i / 8 - 0.5);
    expect(tensors).toEqual(
      new Map([
        ['conv1.weight', tensor('float32', [2, 1, 2, 3], eighths)],
        ['conv1.bias', tensor('float32', [2], [Number.POSITIVE_INFINITY, -0])],
        ['double', tensor('float64', [1], [Math.PI])],
        ['7', tensor('int32', [1, 2], [1, -2])],
        ['step', tensor('int64', [], BigInt64Array.of(2n ** 53n + 1n))],
        ['pixels', tensor('uint8', [3], [0, 127, 255])],
        ['mask é', tensor('bool', [3], [1, 0, 1])],
        ['empty', tensor('float32', [0, 4], [])],
      ]),
    );
  });

  it('are written byte for byte', () => {
    const { tensors, metadata } = decodeSafetensors(golden('plain'));
    const shuffled = new Map([...tensors].reverse());
    expect(encodeSafetensors(shuffled, metadata)).toEqual(golden('plain'));
  });

  it.each(['f16', 'bf16'])('widen %s exactly', (name) => {
    const { tensors } = decodeSafetensors(golden('half'));
    expect(tensors.get(name)).toEqual(tensors.get(`${name}.exact`));
    expect(isFloat(tensors.get(name)!.dtype)).toBe(true);
  });
});

describe('decodeSafetensors refuses', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['too few bytes', new Uint8Array(7), /7 bytes are too few/],
    ['a header longer than the file', file('{}', 0, 3n), /said to have 3 bytes, at most 2/],
    ['a header length of 2^64 - 1', file('{}', 0, 2n ** 64n - 1n), /18446744073709551615 bytes, at most 2/],
    ['a header over the bound', file('', 17 * 2 ** 20, BigInt(17 * 2 ** 20)), /17825792 bytes, at most 16777216/],
    ['a header that is not JSON', file('{"x":'), /not JSON/],
    ['a header nested without end', file('['.repeat(100_000)), /not JSON/],
    ['a header that is not UTF-8', new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0xff]), /not JSON in UTF-8/],
    ['a header that is a list', file('[]'), /not a JSON object/],
    ['a tensor twice', file(`{"x":${entry('[1]', '[0,4]')},"x":${entry('[1]', '[0,4]')}}`, 4), /"x" twice/],
    [
      'a tensor twice, once escaped',
      file(`{"x":${entry('[1]', '[0,4]')},"\\u0078":${entry('[1]', '[0,4]')}}`, 4),
      /"x" twice/,
    ],
    ['a field twice', file('{"x":{"dtype":"F32","dtype":"I32","shape":[],"data_offsets":[0,4]}}', 4), /"dtype" twice/],
    ['overlapping tensors', file(`{"x":${entry('[2]', '[0,8]')},"y":${entry('[1]', '[4,8]')}}`, 8), /"y" overlaps/],
    [
      'a gap between tensors',
      file(`{"x":${entry('[1]', '[0,4]')},"y":${entry('[1]', '[8,12]')}}`, 12),
      /"y" leaves a gap/,
    ],
    ['a gap before the first', file(`{"x":${entry('[1]', '[4,8]')}}`, 8), /"x" leaves a gap/],
    ['data after the last', file(`{"x":${entry('[1]', '[0,4]')}}`, 8), /end at byte 4 of 8/],
    ['offsets beyond the file', file(`{"x":${entry('[2]', '[0,8]')}}`, 4), /"x" .*outside the file's 4 bytes/],
    ['offsets in the wrong order', file(`{"x":${entry('[1]', '[4,0]')}}`, 4), /"x" .*\[4,0\]/],
    ['one offset', file(`{"x":${entry('[1]', '[4]')}}`, 4), /"x" .*data_offsets/],
    ['a negative offset', file(`{"x":${entry('[1]', '[-4,0]')}}`, 4), /"x" .*data_offsets/],
    ['a negative size', file(`{"x":${entry('[-1]', '[0,4]')}}`, 4), /"x" .*shape/],
    ['a fractional size', file(`{"x":${entry('[0.5]', '[0,4]')}}`, 4), /"x" .*shape/],
    ['a size beyond 2^53', file(`{"x":${entry('[1e300]', '[0,4]')}}`, 4), /"x" .*shape/],
    [
      'a product beyond 2^64',
      file(`{"x":${entry('[4294967296,4294967296,4294967296]', '[0,0]')}}`),
      /"x" is F32\[4294967296,4294967296,4294967296\]/,
    ],
    ['another size than the offsets hold', file(`{"x":${entry('[2]', '[0,4]')}}`, 4), /"x" .*8 bytes.* hold 4/],
    ['an element type not known', file(`{"x":${entry('[1]', '[0,1]', '"F8_E4M3"')}}`, 1), /"x" .*"F8_E4M3".*BF16/],
    ['an element type that is an object key', file(`{"x":${entry('[1]', '[0,1]', '"toString"')}}`, 1), /"x"/],
    ['no element type', file('{"x":{"shape":[],"data_offsets":[0,4]}}', 4), /"x" has the element type undefined/],
    ['a tensor that is null', file('{"x":null}'), /"x" is not an object/],
    ['a tensor named __proto__', file(`{"__proto__":${entry('[1]', '[0,4]')}}`, 4), /"__proto__" has a reserved name/],
    ['metadata that is not texts', file('{"__metadata__":{"a":1}}'), /no text at "a"/],
    ['metadata named __proto__', file('{"__metadata__":{"__proto__":"a"}}'), /reserved key "__proto__"/],
    ['metadata that is a text', file('{"__metadata__":"a"}'), /not an object of texts/],
    ['a truth value of 2', file(`{"x":${entry('[1]', '[0,1]', '"BOOL"')}}`, 1).fill(2, -1), /"x" is BOOL/],
  ];

  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(LegendaError);
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });

  it('a flipped or missing byte, or reads other values: never another kind of error', () => {
    const good = golden('plain');
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
        const bad = good.slice(0, length);
        if (at < length) bad[at] = value;
        try {
          decodeSafetensors(bad);
        } catch (error) {
          expect(error).toBeInstanceOf(LegendaError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('encodeSafetensors refuses', () => {
  it.each(['__proto__', '__metadata__'])('a tensor named %s', (name) => {
    expect(() => encodeSafetensors(new Map([[name, tensor('float32', [], [1])]]))).toThrow(`"${name}"`);
  });

  it('metadata that could not be read again', () => {
    expect(() => encodeSafetensors(new Map(), { long: 'x'.repeat(17 * 2 ** 20) })).toThrow(/header would have/);
  });
});
