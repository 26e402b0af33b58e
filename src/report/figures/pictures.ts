import { type Html, html } from '../html.js';
import { accent } from './draw.js';
import type { FigureText } from './figure-text.js';

/** A small picture. */
export interface Tile {
  /** `data:` URI. */
  readonly picture: string;
  /** Under it. */
  readonly label?: string;
  /** A part to point out, in shares of the picture: left, top, right, bottom. */
  readonly box?: readonly [number, number, number, number];
  /** Kept where there is room for few. */
  readonly important?: boolean;
}

export interface PictureSheet extends FigureText {
  /** Over the tiles. */
  readonly columns?: readonly string[];
  readonly rows: readonly { readonly label?: string; readonly tiles: readonly Tile[] }[];
  /** Height of a tile over its width; 1 by default. */
  readonly aspect?: number;
  /** Width of the drawing in pixels. */
  readonly width?: number;
  /** Tiles are no wider than this. */
  readonly most?: number;
}

const gap = 6;
const line = 15;
const fontSize = 11;

/** Small pictures in rows, with pixels that stay pixels. */
export function pictureSheet({
  title,
  description,
  columns,
  rows,
  aspect = 1,
  width = 720,
  most = 104,
}: PictureSheet): string {
  const across = Math.max(...rows.map(({ tiles }) => tiles.length), columns?.length ?? 0, 1);
  const longest = Math.max(0, ...rows.map(({ label = '' }) => label.length));
  const left = longest > 0 ? Math.min(width / 4, longest * fontSize * 0.56 + gap) : 0;
  const tile = Math.min(most, (width - left - (across - 1) * gap) / across);
  const height = tile * aspect;
  const top = columns ? line * 1.2 : 0;
  let y = top;
  const drawn = rows.map(({ label, tiles }) => {
    const row = html`${label !== undefined && html`<text x="0" y="${rounded(y + height / 2 + 4)}">${label}</text>`}${tiles.map((one, i) => tileSvg(one, left + i * (tile + gap), y, tile, height))}`;
    y += height + gap + (tiles.some((one) => one.label !== undefined) ? line : 0);
    return row;
  });
  const heads = (columns ?? []).map(
    (name, i) =>
      html`<text x="${rounded(left + i * (tile + gap) + tile / 2)}" y="${line - 3}" text-anchor="middle">${name}</text>`,
  );
  const total = Math.ceil(left + across * (tile + gap) - gap);
  return html`<svg class="drawing" viewBox="0 0 ${total} ${Math.ceil(y)}" width="${total}" height="${Math.ceil(y)}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="${fontSize}" fill="currentColor"><title>${title}</title><desc>${description}</desc>${heads}${drawn}</svg>`
    .text;
}

function tileSvg({ picture, label, box }: Tile, x: number, y: number, width: number, height: number): Html {
  const marked = box && {
    x: x + box[0] * width,
    y: y + box[1] * height,
    width: (box[2] - box[0]) * width,
    height: (box[3] - box[1]) * height,
  };
  return html`<image x="${rounded(x)}" y="${rounded(y)}" width="${rounded(width)}" height="${rounded(height)}" preserveAspectRatio="none" image-rendering="optimizeSpeed" style="image-rendering: pixelated" href="${picture}"/>${
    marked &&
    html`<rect x="${rounded(marked.x)}" y="${rounded(marked.y)}" width="${rounded(marked.width)}" height="${rounded(marked.height)}" fill="none" stroke="${accent}" stroke-width="1.5"/>`
  }${label !== undefined && html`<text x="${rounded(x + width / 2)}" y="${rounded(y + height + 12)}" text-anchor="middle">${label}</text>`}`;
}

const rounded = (value: number): number => Number(value.toFixed(2));
