import {
  type Block,
  type Column,
  cellText,
  type Facts,
  type Figure,
  type Inline,
  type Table,
  type Value,
} from './blocks.js';

/** Blocks as Markdown (GitHub's, for the tables). Figures are linked as `figures/<id>.svg`, tables as `tables/<id>.csv`. */
export function renderMarkdown(title: string, blocks: readonly Block[]): string {
  const numbers: Numbers = { table: 0, figure: 0 };
  return `${[`# ${plain(title)}`, ...blocks.map((block) => blockMarkdown(block, numbers))].join('\n\n')}\n`;
}

interface Numbers {
  table: number;
  figure: number;
}

function blockMarkdown(block: Block, numbers: Numbers): string {
  switch (block.block) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${plain(block.text)}`;
    case 'paragraph':
      return inlines(block.content);
    case 'callout':
      return `> **${plain(block.title)}** ${inlines(block.content)}`;
    case 'facts':
      return factsMarkdown(block);
    case 'formula':
      return `$$\n${block.tex}\n$$`;
    case 'table':
      return tableMarkdown(block, ++numbers.table);
    case 'figure':
      return figureMarkdown(block, ++numbers.figure);
  }
}

/** Text that Markdown must not read as markup, on one line. */
const plain = (text: string): string =>
  text
    .replace(/[\\`*_[\]<>|#~&$]/g, '\\$&')
    .replace(/^([-+])(?=\s)/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s)/, '$1\\$2')
    .replace(/\s+/g, ' ');

const inlines = (content: readonly Inline[]): string =>
  content
    .map((piece) => {
      if (typeof piece === 'string') return plain(piece);
      if (piece.kind === 'math') return `$${piece.tex}$`;
      if (piece.kind === 'strong') return `**${plain(piece.text)}**`;
      return piece.kind === 'em' ? `*${plain(piece.text)}*` : codeSpan(piece.text);
    })
    .join('');

/** Fenced by more backticks than the text has in a row. */
function codeSpan(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  // Within a table a bar ends the cell, even in code.
  return `${fence}${space}${text.replace(/\s+/g, ' ').replaceAll('|', '\\|')}${space}${fence}`;
}

const factsMarkdown = ({ items }: Facts): string =>
  items
    .map(
      ({ name, value, note, code }) =>
        `- **${plain(name)}:** ${code ? codeSpan(value) : plain(value)}${note === undefined ? '' : ` (${plain(note)})`}`,
    )
    .join('\n');

function tableMarkdown({ id, caption, columns, rows, marked, total, folded, command }: Table, number: number): string {
  const label = `**Table ${number}.** ${inlines(caption)}${again(command)}`;
  const link = `[tables/${id}.csv](tables/${id}.csv)`;
  if (folded !== undefined) return `${label} ${link}`;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const body = rows.map((row, i) =>
    line(cells(row, columns).map((cell) => (i === marked && cell ? `**${cell}**` : cell))),
  );
  const titles = columns.map(({ title, group }) => plain(group === undefined ? title : `${group}: ${title}`));
  const rule = columns.map(({ format }) => (format ? '---:' : '---'));
  const foot = total ? [line(cells(total, columns).map((cell) => (cell ? `**${cell}**` : cell)))] : [];
  return [label, '', line(titles), line(rule), ...body, ...foot].join('\n');
}

const cells = (row: Readonly<Record<string, Value>>, columns: readonly Column[]): string[] =>
  columns.map((column) => {
    const text = column.key in row ? cellText(row, column) : '';
    return column.code && text !== '' ? codeSpan(text) : plain(text);
  });

const again = (command: string | undefined): string => (command === undefined ? '' : ` Again: ${codeSpan(command)}`);

const figureMarkdown = ({ id, title, caption, command }: Figure, number: number): string =>
  `![${plain(title)}](figures/${id}.svg)\n\n**Figure ${number}.** ${inlines(caption)}${again(command)}`;
