import { expect, it } from 'vitest';
import { float16ToFloat32, float32ToFloat16, readFloat16 } from './half.js';
import { fillUniform, stream } from './random.js';

const every = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);

it('gives every half precision number back', () => {
  const back = new Uint16Array(every.length);
  float32ToFloat16(float16ToFloat32(every), back);
  for (const bits of every) {
    const isNumber = (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0;
    expect(back[bits]).toBe(isNumber ? bits : 0x7e00);
  }
});

it('rounds to the nearest, of two to the even one', () => {
  const finite = [...float16ToFloat32(every)].filter(Number.isFinite).sort((a, b) => a - b);
  const values = new Float32Array(20_000);
  fillUniform(stream(1, 'half'), values, -1, 1);
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * 2 ** ((i % 40) - 26);
  // half way between neighbours
  for (let i = 0; i < 1000; i++) values[i] = (finite[60 * i]! + finite[60 * i + 1]!) / 2;
  const bits = new Uint16Array(values.length);
  float32ToFloat16(values, bits);
  const found = float16ToFloat32(bits);
  for (const [i, value] of values.entries()) {
    const above = finite.findIndex((half) => half >= value);
    const near = [finite[Math.max(0, above - 1)]!, finite[above]!];
    const distance = Math.min(...near.map((half) => Math.abs(half - value)));
    expect(Math.abs(found[i]! - value)).toBe(distance);
    if (i < 1000 && Math.abs(near[0]! - value) === Math.abs(near[1]! - value)) expect(bits[i]! & 1).toBe(0);
  }
});

it('becomes infinite beyond what half precision holds', () => {
  const bits = new Uint16Array(4);
  float32ToFloat16(Float32Array.of(65519, 65520, -1e9, 1e-9), bits);
  expect([...float16ToFloat32(bits)]).toEqual([65504, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]);
});

it('reads many as it reads one', () => {
  const many = new Float32Array(every.length);
  readFloat16(every, many);
  expect(many).toEqual(float16ToFloat32(every));
});
