import { abbreviations, beforeNumbers } from './abbreviations.js';

/** Text → words, lower-cased. */
export type Tokeniser = (text: string) => string[];

/** What stands between blanks. */
export const splitAtBlanks: Tokeniser = (text) => {
  const trimmed = text.trim().toLowerCase();
  return trimmed === '' ? [] : trimmed.split(/\s+/u);
};

/**
 * Much like the Penn Treebank tokeniser behind coco-caption's scores (Stanford's `PTBTokenizer -lowerCase` 3.4.1, then punctuation
 * left out): words with hyphens or slashes stay whole, contractions are parted (`can't` → `ca n't`, `river's` → `river 's`),
 * abbreviations keep their full stop, dashes are left out, and brackets stay as `-lrb-`, `-rrb-`, `-lsb-`, which coco-caption keeps.
 *
 * It differs where words look like addresses (`a@b.com`, `www.a.com/x`, `@home`, `a#b`), tags (`<b>`) or emoticons; in what is left
 * out at an apostrophe in front of or behind a word (`'tis`, `rock 'n' roll`, `ol' man`, `y'all`); where a hyphen follows a
 * contraction or a full stop stands in a word with hyphens (`can't-do`, `trees.blue-green`); in `c++`, `at&t`, `ph.d.`; and in
 * abbreviations that PTBTokenizer knows by their capitals (`Pa.`, `Miss.`). Emoji are kept, which it leaves out.
 */
export const splitLikePtb: Tokeniser = (text) => {
  const plain = text
    .toLowerCase()
    .replace(/[‘’]/gu, "'")
    .replace(/[“”«»‹›]/gu, '"');
  return [...plain.matchAll(pieces)].flatMap(([piece]) => partContraction(piece)).filter((word) => !dropped.test(word));
};

export const tokenisers = { 'ptb-like': splitLikePtb, blanks: splitAtBlanks } as const satisfies Record<
  string,
  Tokeniser
>;

export type TokeniserName = keyof typeof tokenisers;

const pieces = new RegExp(
  [
    String.raw`(?:\p{L}\.){2,}(?!\p{L})`, // u.s.
    String.raw`\p{L}+(?:\.\p{L}+)+`, // trees.there, where a blank was forgotten
    String.raw`(?<![\p{L}\p{Nd}])(?:${abbreviations.join('|')}|\p{L})\.`,
    String.raw`(?<![\p{L}\p{Nd}])(?:${beforeNumbers.join('|')})\.(?=\s*\p{Nd})`,
    String.raw`[a-z0-9]+(?:-[a-z]+){0,2}(?:/[a-z0-9]+(?:-[a-z]+){0,2}){1,2}(?!\p{L})`, // blue-green/white
    String.raw`\p{Nd}+(?:[.,]\p{Nd}+)+(?:-[\p{L}\p{Nd}]+)+`, // 2.5-metre
    String.raw`[+-]?\p{Nd}*(?:[.,:]\p{Nd}+)+`, // 1,000.5 and .5 and 9:30
    String.raw`[+-]?\p{Nd}[\p{L}\p{M}\p{Nd}]*(?:-[\p{L}\p{Nd}]+)*`, // 3rd and 2-storey and 2x3
    String.raw`\p{L}[\p{L}\p{M}\p{Nd}]*(?:[-_'&][\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}]*)*`, // blue-green
    String.raw`\.{2,}|-{2,}|[?!]+`,
    String.raw`'(?:s|m|d|ll|re|ve)\b`,
    String.raw`\S`,
  ].join('|'),
  'gu',
);

/** What signs are called. */
const named: Readonly<Record<string, string>> = {
  '(': '-lrb-',
  ')': '-rrb-',
  '[': '-lsb-',
  ']': '-rsb-',
  '{': '-lcb-',
  '}': '-rcb-',
  '½': '1/2',
  '¼': '1/4',
  '¾': '3/4',
  '£': '#',
  '€': '$',
};

const joined: Readonly<Record<string, readonly string[]>> = {
  cannot: ['can', 'not'],
  gonna: ['gon', 'na'],
  gotta: ['got', 'ta'],
  wanna: ['wan', 'na'],
  lemme: ['lem', 'me'],
  gimme: ['gim', 'me'],
};

function partContraction(piece: string): readonly string[] {
  if (Object.hasOwn(joined, piece)) return joined[piece]!;
  if (Object.hasOwn(named, piece)) return [named[piece]!];
  const parts = /^(.+)(n't|'(?:s|m|d|ll|re|ve))$/u.exec(piece);
  return parts ? [...partContraction(parts[1]!), parts[2]!] : [piece];
}

/** What coco-caption leaves out, dashes and `...` of any length among it. */
const dropped = /^(?:''?|``?|"|[.?!,:;–—…-]|--+|\.\.+)$/u;
