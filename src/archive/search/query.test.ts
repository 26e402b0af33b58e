import { expect, it } from 'vitest';
import { expressionsOf, parseQuery } from './query.js';

it.each([
  ['White buildings near a River', ['white', 'buildings', 'river'], []],
  ['river, (road)', ['river,', '(road)'], []],
  ['river River', ['river'], []],
  ['"white  buildings" by the "river"', [], ['white  buildings', 'river']],
  ['a«white roof»b', ['b'], ['white roof']],
  ['tennis-court "" *', ['tennis-court'], []],
  ['near, the!', ['near,', 'the!'], []],
  ['3 planes at gate 7', ['3', 'planes', 'gate', '7'], []],
])('%s', (text, words, phrases) => {
  expect(parseQuery(text)).toEqual({ words, phrases });
});

it('becomes quoted text, of which all is better than some', () => {
  expect(expressionsOf(parseQuery('white river'))).toEqual({
    all: '"white" AND "river"',
    some: '"white" OR "river"',
  });
  expect(expressionsOf(parseQuery('road "by a" "white river"'))).toEqual({
    all: '"by a" AND "white river" AND "road"',
    some: '("by a" AND "white river") AND ("by a" OR "road")',
  });
});
