import { expect, it } from 'vitest';
import { shortened, textWidth } from './words.js';

it('leaves a text that fits, and takes the middle out of one that does not', () => {
  expect(shortened('with attention', 200, 12)).toBe('with attention');
  const name = 'captioner-of-the-second-run, seed 42';
  const short = shortened(name, 100, 12);
  expect(short).toMatch(/^captio.*….* 42$/);
  expect(textWidth(short, 12)).toBeLessThanOrEqual(100);
  expect(textWidth(short, 12)).toBeGreaterThan(85);
  expect(shortened(name, 0, 12)).toBe('c…2');
});
