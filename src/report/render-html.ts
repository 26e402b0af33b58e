import {
  type Block,
  type Callout,
  type Column,
  cellText,
  type Facts,
  type Figure,
  type Formula,
  type Inline,
  type Table,
  type Value,
} from './blocks.js';
import { type Html, html, raw } from './html.js';
import { mathml } from './mathml.js';

/** Blocks as the HTML of a page's body. Tables and figures are numbered in the order they come in. */
export function renderHtml(blocks: readonly Block[]): Html {
  const numbers: Numbers = { table: 0, figure: 0 };
  return html`${blocks.map((block) => blockHtml(block, numbers))}`;
}

interface Numbers {
  table: number;
  figure: number;
}

function blockHtml(block: Block, numbers: Numbers): Html {
  switch (block.block) {
    case 'heading':
      return block.level === 2
        ? html`<h2 id="${block.id}">${block.text}</h2>\n`
        : html`<h3 id="${block.id}">${block.text}</h3>\n`;
    case 'paragraph':
      return html`<p${block.role ? html` class="${block.role}"` : ''}>${inlines(block.content)}</p>\n`;
    case 'callout':
      return calloutHtml(block);
    case 'facts':
      return factsHtml(block);
    case 'formula':
      return formulaHtml(block);
    case 'table':
      return tableHtml(block, ++numbers.table);
    case 'figure':
      return figureHtml(block, ++numbers.figure);
  }
}

const inlines = (content: readonly Inline[]): Html[] =>
  content.map((piece, i) => {
    const before = content[i - 1];
    const follows = typeof before === 'object' && before.kind === 'math';
    if (typeof piece === 'string') return html`${follows ? piece.slice(closing(piece).length) : piece}`;
    // What closes a clause must not begin a line, which it may after a formula.
    if (piece.kind === 'math') return html`<span class="math">${mathml(piece.tex)}${closing(content[i + 1])}</span>`;
    if (piece.kind === 'strong') return html`<strong>${piece.text}</strong>`;
    return piece.kind === 'em' ? html`<em>${piece.text}</em>` : codeHtml(piece.text);
  });

const closing = (piece: Inline | undefined): string => (typeof piece === 'string' ? /^[.,;:)]*/.exec(piece)![0] : '');

/** Browsers break lines after hyphens; an option of a command stays whole. */
const codeHtml = (text: string): Html =>
  html`<code>${text.split(/((?<=^| )--?[a-z][\w-]*)/).map((piece, i) => (i % 2 === 1 ? html`<span>${piece}</span>` : piece))}</code>`;

const calloutHtml = ({ title, content }: Callout): Html =>
  html`<aside class="callout"><p><strong>${title}</strong> ${inlines(content)}</p></aside>\n`;

const factsHtml = ({ layout, items }: Facts): Html =>
  html`<dl class="${layout}">${items.map(
    ({ name, value, note, code }) =>
      html`<div><dt>${name}</dt><dd>${code ? codeHtml(value) : value}${note === undefined ? '' : html` <span class="note">${note}</span>`}</dd></div>\n`,
  )}</dl>\n`;

// It takes the focus so that it can be scrolled by keyboard.
const formulaHtml = ({ tex, text }: Formula): Html =>
  html`<div class="formula" role="math" aria-label="${text}" tabindex="0">${mathml(tex, text)}</div>\n`;

function tableHtml(table: Table, number: number): Html {
  const { id, caption, columns, rows, marked, total, folded, command } = table;
  const head = headHtml(columns);
  const body = rows.map(
    (row, i) => html`<tr${i === marked ? html` class="marked"` : ''}>${cells(row, columns)}</tr>\n`,
  );
  const foot = total && html`<tfoot><tr>${cells(total, columns)}</tr></tfoot>`;
  // The region takes the focus so that it can be scrolled by keyboard.
  const content = html`<figure class="table">
<figcaption id="table-${id}"><b>Table ${number}.</b> ${inlines(caption)}${again(command)}</figcaption>
<div class="scroll" role="region" aria-labelledby="table-${id}" tabindex="0"><table${columns.length > 8 ? html` class="dense"` : ''} aria-labelledby="table-${id}">
${head}
<tbody>${body}</tbody>
${foot}</table></div>
</figure>\n`;
  return folded === undefined ? content : html`<details><summary>${folded}</summary>${content}</details>\n`;
}

const isNumeric = ({ format }: Column) => format !== undefined;

function headHtml(columns: readonly Column[]): Html {
  const title = (column: Column, rows: number) =>
    html`<th scope="col"${rows > 1 ? html` rowspan="${rows}"` : ''}${isNumeric(column) ? html` class="number"` : ''}>${column.title}</th>`;
  if (columns.every(({ group }) => group === undefined)) {
    return html`<thead><tr>${columns.map((column) => title(column, 1))}</tr></thead>`;
  }
  const spans: { group: string | undefined; columns: Column[] }[] = [];
  for (const column of columns) {
    const last = spans.at(-1);
    if (column.group !== undefined && last?.group === column.group) last.columns.push(column);
    else spans.push({ group: column.group, columns: [column] });
  }
  const upper = spans.map(({ group, columns }) =>
    group === undefined
      ? title(columns[0]!, 2)
      : html`<th scope="colgroup" colspan="${columns.length}" class="group"><span>${group}</span></th>`,
  );
  const lower = spans.filter(({ group }) => group !== undefined).flatMap(({ columns }) => columns);
  return html`<thead><tr>${upper}</tr><tr>${lower.map((column) => title(column, 1))}</tr></thead>`;
}

/** Letters of a text that is kept on one line. */
const longest = 24;

function cells(row: Readonly<Record<string, Value>>, columns: readonly Column[]): Html[] {
  return columns.map((column, i) => {
    const text = column.key in row ? cellText(row, column) : '';
    const content = column.code && text !== '' ? html`<code>${text}</code>` : html`${text}`;
    const kind = isNumeric(column) ? html` class="number"` : text.length > longest && html` class="long"`;
    return i === 0 ? html`<th scope="row"${kind}>${content}</th>` : html`<td${kind}>${content}</td>`;
  });
}

const again = (command: string | undefined) =>
  command === undefined ? '' : html` <span class="again">Again: ${codeHtml(command)}</span>`;

const figureHtml = ({ id, caption, wide, narrow, command }: Figure, number: number): Html =>
  html`<figure class="drawing" id="figure-${id}">
${narrow === undefined ? raw(wide) : html`<div class="wide">${raw(wide)}</div><div class="narrow">${raw(narrow)}</div>`}
<figcaption><b>Figure ${number}.</b> ${inlines(caption)}${again(command)}</figcaption>
</figure>\n`;
