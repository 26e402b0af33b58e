import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { undoDifferences } from './differences.js';
import { unpackLzw } from './lzw.js';
import { unpackBits } from './pack-bits.js';

/** The plainest encoder: a code for the longest text that is known, codes wider as the table grows, cleared when it is full. */
function packLzw(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let [bits, count] = [0n, 0];
  let table = new Map<string, number>();
  let width = 9;
  const emit = (code: number): void => {
    bits = (bits << BigInt(width)) | BigInt(code);
    count += width;
    while (count >= 8) {
      count -= 8;
      out.push(Number((bits >> BigInt(count)) & 0xffn));
    }
    bits &= (1n << BigInt(count)) - 1n;
  };
  const clear = (): void => {
    emit(256);
    table = new Map();
    width = 9;
  };
  const codeOf = (text: string): number | undefined => (text.length === 1 ? text.charCodeAt(0) : table.get(text));
  clear();
  let text = '';
  for (const byte of bytes) {
    const longer = text + String.fromCharCode(byte);
    if (codeOf(longer) !== undefined) {
      text = longer;
      continue;
    }
    emit(codeOf(text)!);
    const code = 258 + table.size;
    table.set(longer, code);
    if (code === 4093) clear();
    else if (code + 1 === 1 << width) width++;
    text = String.fromCharCode(byte);
  }
  if (text) emit(codeOf(text)!);
  if (text && 258 + table.size + 1 === 1 << width && width < 12) width++;
  emit(257);
  width = 8;
  emit(0);
  return Uint8Array.from(out);
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.constantFrom(0, 1, 255), { maxLength: 2000 }).map((values) => Uint8Array.from(values)),
  fc.uint8Array({ minLength: 6000, maxLength: 9000 }),
);

describe('LZW', () => {
  test('gives back what was packed, and stops where it is told', () => {
    fc.assert(
      fc.property(bytes, fc.nat(9000), (bytes, some) => {
        const packed = packLzw(bytes);
        expect(unpackLzw(packed, bytes.length)).toEqual(bytes);
        expect(unpackLzw(packed, bytes.length + 10)).toEqual(bytes);
        const length = Math.min(some, bytes.length);
        expect(unpackLzw(packed, length)).toEqual(bytes.subarray(0, length));
      }),
      { numRuns: 40 },
    );
  });

  test('of anything is an error or at most so many bytes', () => {
    fc.assert(
      fc.property(bytes, (bytes) => {
        try {
          expect(unpackLzw(bytes, 1000).length).toBeLessThanOrEqual(1000);
        } catch (error) {
          expect((error as Error).message).toMatch(/^LZW code \d+ where there are \d+$/);
        }
      }),
    );
  });
});

describe('PackBits', () => {
  it('unpacks the example of its makers', () => {
    const packed = Uint8Array.from(
      Buffer.from('fe aa 02 80 00 2a fd aa 03 80 00 2a 22 f7 aa'.replaceAll(' ', ''), 'hex'),
    );
    const unpacked = Buffer.from(
      'aa aa aa 80 00 2a aa aa aa aa 80 00 2a 22'.replaceAll(' ', '') + 'aa'.repeat(10),
      'hex',
    );
    expect(Buffer.from(unpackBits(packed, 100))).toEqual(unpacked);
    expect(Buffer.from(unpackBits(packed, 5))).toEqual(unpacked.subarray(0, 5));
  });

  test('of anything is at most so many bytes', () => {
    fc.assert(fc.property(bytes, (bytes) => unpackBits(bytes, 100).length <= 100));
  });
});

describe('differences', () => {
  test.each([8, 16] as const)('of %i bits add up to what they were', (bits) => {
    const most = 2 ** bits - 1;
    const rows = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.boolean()).chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.array(fc.integer({ min: 0, max: most }), {
          minLength: 3 * shape[0] * shape[1],
          maxLength: 3 * shape[0] * shape[1],
        }),
      ),
    );
    fc.assert(
      fc.property(rows, ([[width, bands, littleEndian], values]) => {
        const write = (values: readonly number[]): Uint8Array => {
          const out = Buffer.alloc((values.length * bits) / 8);
          for (const [i, value] of values.entries()) {
            if (bits === 8) out.writeUInt8(value, i);
            else if (littleEndian) out.writeUInt16LE(value, 2 * i);
            else out.writeUInt16BE(value, 2 * i);
          }
          return Uint8Array.from(out);
        };
        const differences = values.map((value, i) =>
          Math.floor(i / bands) % width === 0 ? value : (value - values[i - bands]! + most + 1) % (most + 1),
        );
        const samples = write(differences);
        undoDifferences(samples, { width, bands, bits, littleEndian });
        expect(samples).toEqual(write(values));
      }),
    );
  });
});
