import { expect, test } from 'vitest';
import { formatTable } from './table.js';

test('columns are as wide as their widest cell, styled or not', () => {
  const rows = [
    ['conv1', '\u001b[1m608\u001b[22m'],
    ['a longer name', '9690'],
  ];
  expect(formatTable(['NAME', 'N'], rows, ['left', 'right'])).toBe(
    ['NAME              N', 'conv1           \u001b[1m608\u001b[22m', 'a longer name  9690'].join('\n'),
  );
});

test('no line ends in blanks, and missing cells are empty', () => {
  expect(formatTable(['A', 'B'], [['x'], ['', 'y']])).toBe('A  B\nx\n   y');
});
