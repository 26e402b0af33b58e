import { count } from '../../../report/format.js';
import { type Html, html } from '../../../report/html.js';
import { renderShell } from '../../../report/shell.js';
import type { Bounds } from '../../row.js';
import type { FoundTile } from '../find.js';
import type { SearchResult } from '../search.js';
import { pageStyle } from './style.js';
import type { Thumbnail } from './thumbnail.js';

export interface SearchPage {
  /** As the user wrote it. */
  readonly text: string;
  /** The archive's folder. */
  readonly archive: string;
  readonly result: SearchResult;
  /** One a tile. */
  readonly thumbnails: readonly Thumbnail[];
  readonly className?: string | undefined;
  readonly bounds?: Bounds | undefined;
  /** What to run to have the page again. */
  readonly command: string;
}

/** Tiles that were found, with their pictures, as a page in one file that needs no network and runs nothing. */
export function renderSearchPage(page: SearchPage): string {
  const { text, result, thumbnails } = page;
  const cards = result.tiles.map((tile, i) => ({ tile, thumbnail: thumbnails[i]! }));
  const body = html`<header>
<p class="kicker">Legenda search</p>
<h1>${text}</h1>
<p class="subtitle">${subtitle(page)}</p>
</header>
<main>
${result.tiles.length === 0 && html`<p class="lead">No caption has ${result.query.words.length > 1 ? 'any of these words' : 'this'}.</p>`}
${group(
  'with all the words',
  result.complete,
  cards.filter(({ tile }) => tile.complete),
)}
${group(
  'with some of them',
  result.total - result.complete,
  cards.filter(({ tile }) => !tile.complete),
)}
<footer><p>Again: <code>${page.command}</code></p></footer>
</main>`;
  return renderShell({ title: `${text}: search in ${page.archive}`, style: pageStyle, bodyClass: 'search', body });
}

function subtitle({ archive, result, className, bounds }: SearchPage): string {
  const { tiles, total } = result;
  const shown = tiles.length < total ? `the best ${count(tiles.length)} of ${count(total)} tiles` : tilesOf(total);
  const filters = [className !== undefined && `class ${className}`, bounds && `within ${degrees(bounds)}`];
  return [`${shown} in ${archive}`, ...filters.filter((part) => part)].join(' · ');
}

const tilesOf = (number: number): string => (number === 1 ? 'one tile' : `${count(number)} tiles`);

interface Card {
  readonly tile: FoundTile;
  readonly thumbnail: Thumbnail;
}

const group = (what: string, number: number, cards: readonly Card[]): Html | false =>
  cards.length > 0 &&
  html`<section><h2>${tilesOf(number)} ${what}${cards.length < number && html` <span>(${count(cards.length)} shown)</span>`}</h2>
<ol class="hits">
${cards.map(cardHtml)}</ol></section>`;

const cardHtml = ({ tile, thumbnail }: Card): Html =>
  html`<li><figure>
${pictureHtml(tile, thumbnail)}
<figcaption><p class="caption">${tile.pieces.map(({ text, marked }) => (marked ? html`<mark>${text}</mark>` : html`${text}`))}</p>
<dl>${facts(tile).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></figcaption>
</figure></li>
`;

const pictureHtml = ({ caption, image }: FoundTile, thumbnail: Thumbnail): Html =>
  'missing' in thumbnail
    ? html`<div class="absent"><b>No picture of ${image}</b> ${thumbnail.missing}</div>`
    : html`<img src="${thumbnail.uri}" width="${thumbnail.width}" height="${thumbnail.height}" alt="${caption}">`;

function facts(tile: FoundTile): [name: string, value: string][] {
  const { image, window, logProbability, class: name, bounds } = tile;
  return [
    ['image', image],
    ...(window ? [['window', `${window[2]} × ${window[3]} at ${window[0]}, ${window[1]}`] as [string, string]] : []),
    ...(name !== undefined ? [['class', name] as [string, string]] : []),
    ...(bounds ? [['bounds', degrees(bounds)] as [string, string]] : []),
    ...(logProbability !== undefined
      ? [['log-probability', logProbability.toFixed(2).replace('-', '−')] as [string, string]]
      : []),
  ];
}

/** West, south, east and north, to a metre or so. */
const degrees = (bounds: Bounds): string => `${bounds.map((value) => value.toFixed(5).replace('-', '−')).join(', ')}`;
