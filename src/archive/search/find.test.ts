import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tilesOf, writeArchive } from '../../../test/support/archive.js';
import { UsageError } from '../../errors.js';
import type { Bounds, TileRow } from '../row.js';
import { listShards } from '../shards.js';
import { type FindOptions, find } from './find.js';
import { type OpenIndex, openIndex } from './open-index.js';
import { parseQuery } from './query.js';

let index: OpenIndex | undefined;
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'legenda-find-'));
});

afterEach(async () => {
  await index?.[Symbol.asyncDispose]();
  index = undefined;
  rmSync(dir, { recursive: true });
});

async function indexOf(rows: readonly TileRow[]): Promise<void> {
  writeArchive(dir, [rows]);
  index = await openIndex(dir, await listShards(dir, 'jsonl'));
}

const search = (text: string, options: Partial<FindOptions> = {}) =>
  find(index!.database, parseQuery(text), { limit: 100, ...options });

/** Names of images without their ending. */
const images = (...args: Parameters<typeof search>) =>
  search(...args).tiles.map(({ image }) => Number.parseInt(image, 10));

describe('a search', () => {
  it('gives tiles with all the words first, then by relevance, then in the order of images', async () => {
    await indexOf(
      tilesOf([
        'a river', // 0: one word, short
        'a white river and a white building beside many other things in a long caption', // 1: both, at length
        'a river', // 2: as 0
        'the white river', // 3: both, briefly
        'a field', // 4: nothing
        'a river that winds through a wide green field with trees', // 5: one word, at length
      ]),
    );
    const { tiles, complete, total } = search('White rivers');
    expect(tiles.map(({ image }) => Number.parseInt(image, 10))).toEqual([3, 1, 0, 2, 5]);
    expect(tiles.map(({ complete }) => complete)).toEqual([true, true, false, false, false]);
    expect({ complete, total }).toEqual({ complete: 2, total: 5 });
    expect(tiles[2]!.score).toBe(tiles[3]!.score);
    expect(tiles[3]!.score).toBeGreaterThan(tiles[4]!.score);
    expect(search('white river', { limit: 3 })).toMatchObject({ tiles: tiles.slice(0, 3), complete: 2, total: 5 });
  });

  it('does not ask for words such as "near" and "a", unless there are no others', async () => {
    await indexOf(tilesOf(['houses beside the sea', 'a road', 'houses near a road']));
    expect(images('houses near a sea')).toEqual([0, 2]);
    expect(images('near a')).toEqual([2, 1]);
    expect(images('NOT near')).toEqual([2]);
  });

  it('finds a text in quotes as it is, whose words alone are not enough', async () => {
    await indexOf(
      tilesOf(['a river near a white house', 'a white river near houses', 'near a river', 'nearly a river']),
    );
    expect(images('"near a"')).toEqual([2, 0]);
    expect(images('house "near a"')).toEqual([0, 2]);
    expect(images('"river near" "white house"')).toEqual([0]);
    expect(images('“near a river”')).toEqual([2]);
    expect(images('"near a river')).toEqual([2, 3, 1, 0]);
  });

  it('marks the words where they are, in their other forms and accents too', async () => {
    await indexOf(tilesOf(['Buildings, a built building and a São Paulo café.']));
    const [tile] = search('building cafe "sao paulo"').tiles;
    expect(tile!.pieces).toEqual([
      { text: 'Buildings', marked: true },
      { text: ', a built ', marked: false },
      { text: 'building', marked: true },
      { text: ' and a ', marked: false },
      { text: 'São Paulo', marked: true },
      { text: ' ', marked: false },
      { text: 'café', marked: true },
      { text: '.', marked: false },
    ]);
    expect(tile!.pieces.map(({ text }) => text).join('')).toBe(tile!.caption);
  });

  it('gives the whole row and its place; rows without a caption are not found', async () => {
    const row: TileRow = {
      image: 'lisbon.tif',
      window: [256, 512, 224, 200],
      caption: 'a river',
      logProbability: -3.25,
      class: 'river',
      bounds: [-9.2, 38.7, -9.1, 38.8],
    };
    await indexOf([{ image: 'river.tif', error: 'a river' }, { image: 'lisbon.tif', class: 'river' }, row]);
    const { tiles, total } = search('river');
    expect(total).toBe(1);
    expect(tiles).toStrictEqual([
      { ...row, shard: 0, line: 3, complete: true, score: expect.any(Number), pieces: expect.any(Array) },
    ]);
  });

  it('keeps control characters and broken text of captions to itself', async () => {
    await indexOf(tilesOf(['a\u0000 river\u001b[31m \u0001fake\u0002 \ud800 house']));
    const [tile] = search('house').tiles;
    expect(tile!.caption).toBe('a  river [31m  fake  \ufffd house');
    expect(tile!.pieces.filter(({ marked }) => marked)).toEqual([{ text: 'house', marked: true }]);
    expect(images('river fake')).toEqual([0]);
  });

  it('may ask for a class', async () => {
    const rows = tilesOf(['a river', 'a river', 'a river', 'a road']);
    await indexOf(rows.map((row, i) => (i === 2 ? row : { ...row, class: i === 1 ? 'b' : 'a' })));
    expect(images('river', { className: 'a' })).toEqual([0]);
    expect(images('river', { className: 'A' })).toEqual([]);
    expect(search('road river', { className: 'a' })).toMatchObject({ complete: 0, total: 2 });
  });
});

/** Intervals of longitude that do not cross the 180th meridian. */
const parts = ([west, , east]: Bounds): [number, number][] =>
  west <= east
    ? [[west, east]]
    : [
        [west, 180],
        [-180, east],
      ];

const touch = (a: Bounds, b: Bounds): boolean =>
  a[1] <= b[3] &&
  b[1] <= a[3] &&
  parts(a).some(([west, east]) => parts(b).some(([otherWest, otherEast]) => west <= otherEast && otherWest <= east));

const anyBounds = fc
  .tuple(...[180, 90, 180, 90].map((most) => fc.integer({ min: -most / 10, max: most / 10 })))
  .map(([w, s, e, n]) => [10 * w!, 10 * Math.min(s!, n!), 10 * e!, 10 * Math.max(s!, n!)] as const);

it('finds what bounds touch, across the 180th meridian too, and nothing without a place', async () => {
  const places = fc.sample(anyBounds, { numRuns: 12, seed: 3 });
  const rows = tilesOf(places.map(() => 'a river')).map((row, i) => ({ ...row, bounds: places[i]! }));
  await indexOf([...rows, { image: '12.png', caption: 'a river' }]);
  let [none, some] = [0, 0];
  fc.assert(
    fc.property(anyBounds, (bounds) => {
      const expected = places.flatMap((place, i) => (touch(bounds, place) ? [i] : []));
      expect(images('river', { bounds })).toEqual(expected);
      if (expected.length === 0) none++;
      else some++;
    }),
    { seed: 4 },
  );
  expect(some).toBeGreaterThan(20);
  expect(none).toBeGreaterThan(0);
});

const syntax = fc.constantFrom(
  ...['"', '""', '*', '-', '+', '^', '(', ')', '{', '}', ':', ',', '\\', "'", ';', '--', '\0', '“', '\ud800', '\n'],
  ...['AND', 'OR', 'NOT', 'NEAR', 'NEAR(a b, 2)', 'caption:', 'captions', 'river', 'a', 'é', '河', '\u0301', '1'],
);
const anyQuery = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.array(syntax, { maxLength: 12 }).map((parts) => parts.join(' ')),
  fc.array(syntax, { maxLength: 12 }).map((parts) => parts.join('')),
);

describe('whatever a user writes', () => {
  it('is answered or refused for having no words, and never taken for syntax', async () => {
    await indexOf(tilesOf(['a river near a road', 'AND NOT OR NEAR caption', 'é 1 河']));
    let answered = 0;
    fc.assert(
      fc.property(anyQuery, (text) => {
        try {
          const { tiles, complete, total } = search(text);
          expect(tiles.length).toBe(total);
          expect(complete).toBeLessThanOrEqual(total);
          answered++;
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 1500 },
    );
    expect(answered).toBeGreaterThan(500);
  });

  it.each([
    ['river NOT road', [0]],
    ['"river" NOT "road"', [0]],
    ['riv*', []],
    ['caption: river', [0, 1]],
    ['-river', [0]],
    ['NEAR(river road)', [0]],
    ['road) OR (caption', [0, 1]],
  ])('%s: words, and nothing else', async (text, expected) => {
    await indexOf(tilesOf(['a river near a road', 'a caption']));
    expect(images(text).sort()).toEqual(expected);
  });

  it('may be long, up to a bound', async () => {
    await indexOf(tilesOf(['a river 7']));
    const numbers = (count: number) => Array.from({ length: count }, (_, i) => i).join(' ');
    expect(images(numbers(64))).toEqual([0]);
    expect(() => images(numbers(65))).toThrow('a query has at most 64 words, 65 came');
    expect(() => images('x'.repeat(4097))).toThrow('a query has at most 4096 letters, 4097 came');
    expect(() => images(' "" * ')).toThrow('the query " \\"\\" * " has no words');
  });
});
