const narrow = /[ijlrtf.,:;'|!()/ -]/;
const broad = /[mwMW…—]/;

/** About as wide as a text is drawn in the broader of the usual fonts. */
export const textWidth = (text: string, fontSize: number): number =>
  fontSize *
  Array.from(text, (sign) => (narrow.test(sign) ? 0.4 : broad.test(sign) ? 1 : 0.64)).reduce((a, b) => a + b, 0);

/** A text that fits into the width, without its middle where it would not: beginnings and ends tell names apart. */
export function shortened(text: string, width: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= width) return text;
  for (let kept = text.length - 1; kept > 2; kept--) {
    const short = `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`;
    if (textWidth(short, fontSize) <= width) return short;
  }
  return `${text.slice(0, 1)}…${text.slice(-1)}`;
}

/** Rows with a word and its count before each: the words short enough, and the room that they take. @param width of the drawing */
export function wordRows<T extends { readonly word: string; readonly count: number }>(
  words: readonly T[],
  width: number,
  fontSize: number,
): {
  readonly rows: readonly (T & { readonly row: number })[];
  readonly labels: readonly string[];
  readonly margin: number;
} {
  const labels = words.map(({ word, count }) => `${shortened(word, 0.28 * width, fontSize)} (${count})`);
  return {
    rows: words.map((word, row) => ({ ...word, row })),
    labels,
    margin: 12 + Math.max(0, ...labels.map((label) => textWidth(label, fontSize))),
  };
}
