import { describe, expect, test } from 'vitest';
import { labelledImagesFromIdx } from './dataset.js';

const images = (count: number, height: number, width: number) => ({
  name: 'images',
  bytes: Uint8Array.from([
    ...[0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, height, 0, 0, 0, width],
    ...Array.from({ length: count * height * width }, (_, i) => i),
  ]),
});
const labels = (...values: number[]) => ({
  name: 'labels',
  bytes: Uint8Array.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values]),
});

describe('labelledImagesFromIdx', () => {
  test('joins images and labels', () => {
    const set = labelledImagesFromIdx(images(2, 2, 3), labels(1, 0), 2);
    expect(set).toMatchObject({ count: 2, channels: 1, height: 2, width: 3 });
    expect([...set.pixels]).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect([...set.labels]).toEqual([1, 0]);
  });

  test.each([
    ['no images', images(0, 2, 2), labels(), 'images: a shape of [count, height, width] was expected, got [0,2,2]'],
    ['labels as images', labels(1), labels(1), 'labels: a shape of [count, height, width] was expected, got [1]'],
    ['too few labels', images(2, 1, 1), labels(1), 'labels: a label for each of 2 images was expected, got [1]'],
    ['images as labels', images(2, 1, 1), images(2, 1, 1), 'images: a label for each of 2 images was expected'],
    ['an unknown class', images(2, 1, 1), labels(1, 2), 'labels: label 2 of image 1 is not below 2'],
  ])('refuses %s', (_, first, second, message) => {
    expect(() => labelledImagesFromIdx(first, second, 2)).toThrow(message);
  });
});
