import { expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.js';

// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
it.each([
  ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 times 255', new Uint8Array(32).fill(255), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['nothing', new Uint8Array(0), 0],
])('the CRC-32C of %s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

it('masks by a rotation and a constant, as TFRecord does', () => {
  // 0xe3069283 turned right by 15 bits is 0x2507c60d; plus 0xa282ead8.
  expect(maskedCrc32c(new TextEncoder().encode('123456789'))).toBe(0xc78ab0e5);
});
