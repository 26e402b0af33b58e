import { describe, expect, it } from 'vitest';
import { unpackZstandard } from './zstandard.js';

/** `gdal_translate -co COMPRESS=ZSTD -co BLOCKYSIZE=16` of the 64×16 values below; its length is not in the frame. */
const frame = Buffer.from(
  `KLUv/QBgpRYARv2xChDADz4Dord6BAqtAK0ArgAXhxrlKKj8Xrump1EOQpDfZ9b0NPgSggRE0GtYNUF6wYetgQw/LrsoaTc5uQSd4/dbtzjkMApiBwEQv07D
KunRC75FDaTWr2qKHqfJGLl2oAEw/s9zGmZRU7Q1k/FhFAOdUvxft2WYxSVo60VJDoOowpTPdjSzZAUjxzUsMVQqTECO4gc/z3OblvXLqiguRdCzdcMsGSfI
cW1BDFUIJiDvvdewBTFUKgQTkFJKGRqh4UY5SBW5ykmGsas2JmTwt2orNvgatRU7QY3auJigxh1czC/jDiaAL+M6IYCvTzohpNcnjQzS61KDDJK7JJ0UQdhd
ksY2CDts0tgKYodNjmIF0ffJUQwq+s63YtDR63znS0cvo3a+VUZauRX4XecPk1hh/LZLcvJBzNBnFdRgo0qQw/hekEIQPc2StHKH+btOQUxiqURsnaG3YRSk
M2IpEHrbxSGdj4ICodcCuggxxxD7vpJ+lrajFmHBqxorZlAieIopxP4ggecLEfZ9zI7n4WP7AtyUK3g5V26SUj9LG9JX+gId1RiS44wdt2kpRE3KRJhFyvA7
hCuIPQn9ro0InuUcga/0nR3VGADHGSsnxpje2kn9mbRY2VUOIoA9ysTIUfoGHwbhQdw4Y0zv2kkNNWmxgK8chP4e5UJiQnrrUQrAX1C2gIdFi51flxYjADOJ
ucLPpuagX+MBg4/upzDQGco99puQ8cqB5hA+umGFgd5U7rEgR8ZrETSH8KQbVsrsTe0gC/JEfhzPzClACk9tW5BSgm3bX+Vge4ywygIHGaG1UA664rXQLjrE
i6k+OkasqV5CJJWpl5K5QXfsjv0WM3xcEToJAbTnipgufrVUj+OAixCZbUO8GgKsMvUTnht0yFy/ahlAqyH+pW2IOcbY95XacwBbhExOwkE3KdTzXD9qGUCL
If4VC5QQ8JoDAAEqAw==`,
  'base64',
);
const values = Uint8Array.from({ length: 1024 }, (_, i) => ((i % 64) * (i >> 6) + Math.floor((i % 64) / 5)) % 50);

describe('Zstandard', () => {
  it('unpacks a frame, several times, whatever follows it', async () => {
    expect(await unpackZstandard(frame, 1024)).toEqual(values);
    const more = Buffer.concat([frame, Buffer.from('anything')]);
    expect(await unpackZstandard(more, 1024)).toEqual(values);
  });

  it('unpacks bytes as they are, repeated bytes, and headers of every kind', async () => {
    const magic = [0x28, 0xb5, 0x2f, 0xfd];
    const raw = [(3 << 3) & 0xff, 0, 0, 7, 8, 9];
    const repeated = [((5 << 3) | 2 | 1) & 0xff, 0, 0, 4];
    const expected = Uint8Array.of(7, 8, 9, 4, 4, 4, 4, 4);
    for (const header of [
      [0x00, 0x58],
      [0x20, 8],
      [0x80, 0x58, 8, 0, 0, 0],
      [0xc0, 0x58, 8, 0, 0, 0, 0, 0, 0, 0],
    ]) {
      expect(await unpackZstandard(Uint8Array.from([...magic, ...header, ...raw, ...repeated]), 8)).toEqual(expected);
    }
  });

  it('refuses another length, a dictionary, and what is no frame', async () => {
    await expect(unpackZstandard(frame, 1023)).rejects.toThrow('its Zstandard frame is damaged');
    await expect(unpackZstandard(frame, 1025)).rejects.toThrow('its Zstandard frame is damaged');
    const withDictionary = Uint8Array.from(frame);
    withDictionary[4]! |= 1;
    await expect(unpackZstandard(withDictionary, 1024)).rejects.toThrow('needs a dictionary');
    await expect(unpackZstandard(Uint8Array.from([1, 2, 3, 4, 5, 6]), 1)).rejects.toThrow(
      'it is not a Zstandard frame',
    );
  });

  it('comes back from any damage, and still works', async () => {
    let refused = 0;
    for (let at = 0; at < frame.length; at++) {
      const damaged = Uint8Array.from(frame);
      damaged[at]! ^= 0x5a;
      try {
        expect(await unpackZstandard(damaged, 1024)).toHaveLength(1024);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        refused++;
      }
      await expect(unpackZstandard(frame.subarray(0, at), 1024)).rejects.toBeInstanceOf(Error);
    }
    expect(refused).toBeGreaterThan(50);
    expect(await unpackZstandard(frame, 1024)).toEqual(values);
  });
});
