import { expect, it } from 'vitest';
import type { Table } from './blocks.js';
import { toCsv, toJson } from './table-files.js';

const table: Table = {
  block: 'table',
  id: 'x',
  caption: [],
  columns: [
    { key: 'name', title: 'Name' },
    { key: 'loss', title: 'Loss', format: (value) => value.toFixed(1) },
  ],
  rows: [
    { name: 'a, "quoted"\nname', loss: 0.123456, hidden: 1 },
    { name: 'b', loss: Number.NaN },
    { name: undefined, loss: undefined },
  ],
  total: { name: 'In all' },
};

it('writes CSV with full numbers, quoted where needed, and nothing where there is no number', () => {
  expect(toCsv(table)).toBe('name,loss\r\n"a, ""quoted""\nname",0.123456\r\nb,\r\n,\r\n');
});

it('writes JSON with null where there is no number', () => {
  expect(JSON.parse(toJson(table))).toEqual([
    { name: 'a, "quoted"\nname', loss: 0.123456 },
    { name: 'b', loss: null },
    { name: null, loss: null },
  ]);
});
