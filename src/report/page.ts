import { type Block, type Heading, paragraph } from './blocks.js';
import { type Html, html } from './html.js';
import { renderHtml } from './render-html.js';
import { renderShell } from './shell.js';
import { style } from './style.js';

export interface Page {
  readonly title: string;
  /** One line under the title: when, where, how. */
  readonly subtitle: string;
  /** What comes before the first heading stands above the table of contents on a phone. */
  readonly blocks: readonly Block[];
  /** The last line. */
  readonly footer: string;
}

/** A page in one file that needs no network and runs nothing. */
export function renderPage({ title, subtitle, blocks, footer }: Page): string {
  const first = blocks.findIndex(({ block }) => block === 'heading');
  const split = first < 0 ? blocks.length : first;
  const body = html`<header>
<p class="kicker">Legenda</p>
<h1>${title}</h1>
<p class="subtitle">${subtitle}</p>
${renderHtml(blocks.slice(0, split))}</header>
${contents(blocks.filter((block) => block.block === 'heading'))}
<main>
${renderHtml(blocks.slice(split))}<footer>${renderHtml([paragraph(footer)])}</footer>
</main>`;
  return renderShell({ title, style, body });
}

/** Headings as a list of links, those of level 3 under theirs of level 2. */
function contents(headings: readonly Heading[]): Html {
  const chapters: { heading: Heading; sections: Heading[] }[] = [];
  for (const heading of headings) {
    if (heading.level === 2 || chapters.length === 0) chapters.push({ heading, sections: [] });
    else chapters.at(-1)!.sections.push(heading);
  }
  const link = ({ id, text }: Heading) => html`<a href="#${id}">${text}</a>`;
  const items = chapters.map(({ heading, sections }) => {
    const nested = sections.length > 0 && html`<ol>${sections.map((section) => html`<li>${link(section)}</li>`)}</ol>`;
    return html`<li>${link(heading)}${nested}</li>\n`;
  });
  return html`<nav aria-label="Contents"><h2>Contents</h2><ol>${items}</ol></nav>`;
}
