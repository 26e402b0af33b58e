/** Text → words, lower-cased. */
export type Tokeniser = (text: string) => string[];

/** What stands between blanks. */
export const splitAtBlanks: Tokeniser = (text) => {
  const trimmed = text.trim().toLowerCase();
  return trimmed === '' ? [] : trimmed.split(/\s+/u);
};

/**
 * Much like the Penn Treebank tokeniser behind coco-caption's scores (Stanford's `PTBTokenizer -lowerCase`, then punctuation
 * left out): hyphenated words stay whole, contractions are parted (`can't` → `ca n't`, `river's` → `river 's`), round brackets
 * stay as `-lrb-` and `-rrb-`, which coco-caption keeps. Addresses, fractions, emoticons and currency names are not treated
 * specially.
 */
export const splitLikePtb: Tokeniser = (text) => {
  const plain = text.toLowerCase().replace(/[‘’]/gu, "'").replace(/[“”]/gu, '"');
  return [...plain.matchAll(pieces)].flatMap(([piece]) => partContraction(piece)).filter((word) => !dropped.test(word));
};

export const tokenisers = { 'ptb-like': splitLikePtb, blanks: splitAtBlanks } as const satisfies Record<
  string,
  Tokeniser
>;

export type TokeniserName = keyof typeof tokenisers;

const pieces = new RegExp(
  [
    String.raw`(?:\p{L}\.){2,}`, // u.s.
    String.raw`\b(?:mr|mrs|ms|dr|st|prof|vs|etc|no|ave|blvd|mt)\.(?=\s+\S)`,
    String.raw`[+-]?\p{N}+(?:[.,:/]\p{N}+)*(?:\p{L}|-\p{L})*`, // 1,000.5 and 3rd and 2-storey
    String.raw`\p{L}[\p{L}\p{M}\p{N}]*(?:[-_'&][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*`, // blue-green
    String.raw`\.{2,}|-{2,}`,
    String.raw`'(?:s|m|d|ll|re|ve)\b`,
    String.raw`\S`,
  ].join('|'),
  'gu',
);

const brackets: Readonly<Record<string, string>> = { '(': '-lrb-', ')': '-rrb-' };
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
  if (Object.hasOwn(brackets, piece)) return [brackets[piece]!];
  const parts = /^(.+)(n't|'(?:s|m|d|ll|re|ve))$/u.exec(piece);
  return parts ? [...partContraction(parts[1]!), parts[2]!] : [piece];
}

/** What coco-caption leaves out, `...` of any length among it. */
const dropped = /^(?:''?|``?|"|[.?!,:;-]|--+|\.\.+|\[|\]|\{|\})$/u;
