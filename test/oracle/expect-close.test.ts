import { expect, it } from 'vitest';
import { tensor } from '../../src/tensor/tensor.js';
import type { Expected } from './closeness.js';
import { expectClose } from './expect-close.js';

const expected: Expected = { dtype: 'float32', shape: [2], data: Float64Array.of(100, -0.5) };
const tolerance = { relative: 0.01, absolute: 0.001 };
const check =
  (values: readonly number[], shape = [2]) =>
  () =>
    expectClose(tensor('float32', shape, values), expected, tolerance, 'y');

it('takes values within the tolerance', () => {
  expect(check([100, -0.5])).not.toThrow();
  expect(check([101, -0.495])).not.toThrow();
});

it('fails on a value that is further off, naming it', () => {
  expect(check([101.01, -0.5])).toThrow('y: at 0 of float32[2] 100 ± 1.001 is expected, 101.01');
  expect(check([100, -0.5061])).toThrow('at 1');
  expect(check([-100, -0.5])).toThrow('at 0');
});

it('fails on NaN and infinities that are not expected, and takes those that are', () => {
  expect(check([Number.NaN, -0.5])).toThrow('NaN came');
  expect(check([100, Number.POSITIVE_INFINITY])).toThrow('Infinity came');
  const odd = { ...expected, data: Float64Array.of(Number.NaN, Number.NEGATIVE_INFINITY) };
  const values = (a: number, b: number) => () => expectClose(tensor('float32', [2], [a, b]), odd, tolerance);
  expect(values(Number.NaN, Number.NEGATIVE_INFINITY)).not.toThrow();
  expect(values(0, Number.NEGATIVE_INFINITY)).toThrow('NaN ±');
  expect(values(Number.NaN, Number.POSITIVE_INFINITY)).toThrow('-Infinity ±');
  expect(values(Number.NaN, 0)).toThrow('-Infinity ±');
});

it('fails on another shape, even of as many values', () => {
  expect(check([100, -0.5], [1, 2])).toThrow('y: float32[2] is expected, float32[1,2] came');
  expect(check([100], [1])).toThrow('float32[1] came');
});

it('fails on another dtype', () => {
  const doubles = tensor('float64', [2], [100, -0.5]);
  expect(() => expectClose(doubles, expected, tolerance)).toThrow('float32[2] is expected, float64[2] came');
});
