import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitAtBlanks, splitLikePtb } from './tokenise.js';

it('parts at blanks and nothing else', () => {
  expect(splitAtBlanks('  It is\ta T-junction . ')).toEqual(['it', 'is', 'a', 't-junction', '.']);
  expect(splitAtBlanks(' \n')).toEqual([]);
});

it.each([
  ['There is a piece of farmland .', 'there is a piece of farmland'],
  ['Two planes, parked; one is white.', 'two planes parked one is white'],
  ['a blue-green river at the T-junction', 'a blue-green river at the t-junction'],
  ["The river's bank isn't built on: they can't.", "the river 's bank is n't built on they ca n't"],
  ["We'll see what they've done, I'd say", "we 'll see what they 've done i 'd say"],
  ['It cannot be seen (much)', 'it can not be seen -lrb- much -rrb-'],
  ['"Quoted" words -- and ‘these’ “too”...', 'quoted words and these too'],
  ['1,000 trees, 2.5 roads and the 3rd house', '1,000 trees 2.5 roads and the 3rd house'],
  ['in the U.S. on Main St. today', 'in the u.s. on main st. today'],
  ['a river — and trees… river–bank', 'a river and trees river bank'],
  ['river/lake, white/grey/blue and/or blue-green/red', 'river/lake white/grey/blue and/or blue-green/red'],
  ['a/b/c/d and café/bar', 'a/b/c / d and café / bar'],
  ['100-200 cars on a 2x3 grid at 10km/h', '100-200 cars on a 2x3 grid at 10km/h'],
  ['.5 acre, 2.5-metre walls at 9:30', '.5 acre 2.5-metre walls at 9:30'],
  ['trees,2 houses', 'trees ,2 houses'],
  ['roads etc.', 'roads etc.'],
  ['No. 5 has a T. and no. Yes!!', 'no. 5 has a t. and no yes !!'],
  ['many trees.There is', 'many trees.there is'],
  ['[big] {red}', '-lsb- big -rsb- -lcb- red -rcb-'],
  ['½ mile for £5', '1/2 mile for # 5'],
  ['um rio é visto', 'um rio é visto'],
  ['', ''],
])('parts much like the Penn Treebank: %s', (text, words) => {
  expect(splitLikePtb(text).join(' ')).toBe(words);
});

it('ends on any text, with lower-case words that have no blanks', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      for (const word of splitLikePtb(text)) {
        expect(word).not.toMatch(/\s/u);
        expect(word).not.toBe('');
        expect(word).toBe(word.toLowerCase());
      }
    }),
  );
});

it('takes time in proportion to the text', () => {
  const hostile = `${"a-'".repeat(20_000)} ${'1,'.repeat(20_000)}${'n'.repeat(20_000)}`;
  const start = performance.now();
  splitLikePtb(hostile);
  expect(performance.now() - start).toBeLessThan(2000);
});
