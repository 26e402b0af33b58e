import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { wholeNumber } from './options.js';

test('whole numbers within their range, and nothing else', () => {
  expect(wholeNumber(1)('42')).toBe(42);
  expect(wholeNumber(-3, 3)('-3')).toBe(-3);
  for (const text of ['0', '', ' ', '1.5', 'NaN', 'x', '1e400']) {
    expect(() => wholeNumber(1)(text)).toThrow(new InvalidArgumentError('Expected a whole number from 1.'));
  }
  expect(() => wholeNumber(1, 9)('10')).toThrow('Expected a whole number from 1 to 9.');
});
