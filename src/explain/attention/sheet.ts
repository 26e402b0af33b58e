/** A word of a caption and where the decoder looked when it wrote it: by region of a square grid, row by row, of sum 1. */
export interface WordAttention {
  readonly word: string;
  readonly attention: ArrayLike<number>;
}

export interface AttentionSheet {
  /** Of the picture within the page that the sheet is put into: no other may have it. */
  readonly id: string;
  /** What the picture is called: a sentence for those who do not see it. */
  readonly title: string;
  /** The picture, square, as a `data:` URI. */
  readonly picture: string;
  readonly words: readonly WordAttention[];
  /** Pictures in a row. */
  readonly columns?: number;
}

const tile = 112;
const gap = 8;
const lineHeight = 20;

/** Letters that have room below a picture. */
const longestWord = 14;

/** How dark it is where nothing was looked at. */
const dark = 0.75;

/**
 * The picture and, word by word, where the decoder looked: the region with the most attention keeps its light. An SVG
 * element, with its texts in `currentColor`.
 */
export function attentionSheet({ id, title, picture, words, columns = 6 }: AttentionSheet): string {
  const cells = [undefined, ...words];
  const width = Math.min(columns, cells.length) * (tile + gap) + gap;
  const height = Math.ceil(cells.length / columns) * (tile + lineHeight + gap) + gap;
  const drawn = cells.map((cell, i) => {
    const x = gap + (i % columns) * (tile + gap);
    const y = gap + Math.floor(i / columns) * (tile + lineHeight + gap);
    const shade = cell === undefined ? '' : shadeOf(cell.attention);
    const word = cell === undefined ? '' : escapeXml(cell.word);
    const narrowed =
      (cell?.word.length ?? 0) > longestWord ? ` textLength="${tile}" lengthAdjust="spacingAndGlyphs"` : '';
    return (
      `<g transform="translate(${x} ${y})"><use href="#${escapeXml(id)}"/>${shade}` +
      `<text x="${tile / 2}" y="${tile + 15}" fill="currentColor"${narrowed}>${word}</text></g>`
    );
  });
  const said = escapeXml(title);
  const image = `<image id="${escapeXml(id)}" width="${tile}" height="${tile}" href="${escapeXml(picture)}"/>`;
  return (
    `<svg class="drawing" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ` +
    `aria-label="${said}" font-family="system-ui, sans-serif" font-size="13" text-anchor="middle">` +
    `<title>${said}</title><desc>${escapeXml(words.map(({ word }) => word).join(' '))}</desc><defs>${image}</defs>${drawn.join('')}</svg>`
  );
}

/** Black over the regions, the thinner the more they were looked at. */
function shadeOf(attention: ArrayLike<number>): string {
  const grid = Math.round(Math.sqrt(attention.length));
  const most = Math.max(...Array.from(attention));
  const side = tile / grid;
  const rounded = (value: number) => Number(value.toFixed(2));
  const cells = Array.from(attention, (weight, i) => {
    const opacity = rounded(most > 0 ? dark * (1 - weight / most) : 0);
    const [x, y] = [rounded((i % grid) * side), rounded(Math.floor(i / grid) * side)];
    return opacity === 0
      ? ''
      : `<path d="M${x} ${y}h${rounded(side)}v${rounded(side)}h-${rounded(side)}z" opacity="${opacity}"/>`;
  });
  return `<g fill="#000" shape-rendering="crispEdges">${cells.join('')}</g>`;
}

/** The SVG element as a file of its own. */
export const sheetFile = (svg: string): string =>
  `${svg.replace(/^<svg /, '<svg xmlns="http://www.w3.org/2000/svg" style="color: #211d19; background: #fff" ')}\n`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Without the characters that XML does not allow, in whatever form. */
const escapeXml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"]/g, (sign) => entities[sign]!);
