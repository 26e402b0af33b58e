/** A report is a list of blocks, written once and rendered as HTML and as Markdown. */
export type Block = Heading | Paragraph | Callout | Facts | Formula | Table | Figure;

/** A piece of running text. */
export type Inline =
  | string
  | { readonly kind: 'strong' | 'em' | 'code'; readonly text: string }
  /** In LaTeX. */
  | { readonly kind: 'math'; readonly tex: string };

export interface Heading {
  readonly block: 'heading';
  readonly level: 2 | 3;
  readonly id: string;
  readonly text: string;
}

export interface Paragraph {
  readonly block: 'paragraph';
  readonly content: readonly Inline[];
  /** `lead`: the first of the page, larger. `source`: where numbers come from, smaller. */
  readonly role?: 'lead' | 'source';
}

/** Something that must not be missed. */
export interface Callout {
  readonly block: 'callout';
  readonly title: string;
  readonly content: readonly Inline[];
}

/** Names with their values: `tiles` for the few numbers of the headline, `rows` for a list to look things up in. */
export interface Facts {
  readonly block: 'facts';
  readonly layout: 'tiles' | 'rows';
  readonly items: readonly {
    readonly name: string;
    readonly value: string;
    readonly note?: string;
    readonly code?: boolean;
  }[];
}

/** A formula on a line of its own. */
export interface Formula {
  readonly block: 'formula';
  /** In LaTeX, without delimiters. */
  readonly tex: string;
  /** How it is read aloud. */
  readonly text: string;
}

/** What a table holds before it is formatted; undefined where there is nothing to say. */
export type Value = string | number | boolean | undefined;

export interface Column {
  /** The key of the value in the rows, and the column's name in CSV and JSON. */
  readonly key: string;
  readonly title: string;
  /** Columns side by side with the same group stand under its name. */
  readonly group?: string;
  /** Numbers are set right-aligned, in figures of one width. Text is left-aligned. */
  readonly format?: (value: number) => string;
  /** The key of a standard deviation that stands behind the number after a ±, and in the files as a column of its own. */
  readonly spread?: string;
  /** For texts that are code. */
  readonly code?: boolean;
}

export interface Table {
  readonly block: 'table';
  /** Also the name of its files. */
  readonly id: string;
  readonly caption: readonly Inline[];
  readonly columns: readonly Column[];
  readonly rows: readonly Readonly<Record<string, Value>>[];
  /** The row to point out. */
  readonly marked?: number;
  /** Sums, set off below; not in the files. */
  readonly total?: Readonly<Record<string, Value>>;
  /** Long tables are folded in HTML and only linked in Markdown. */
  readonly folded?: string;
  /** The command that makes its numbers again. */
  readonly command?: string;
}

export interface Figure {
  readonly block: 'figure';
  /** Also the name of its file. */
  readonly id: string;
  readonly title: string;
  readonly caption: readonly Inline[];
  /** SVG elements: for a page's width, and for a phone's where the first would be too small to read. */
  readonly wide: string;
  readonly narrow?: string;
  /** The command that makes it again. */
  readonly command?: string;
}

export const strong = (text: string): Inline => ({ kind: 'strong', text });
export const em = (text: string): Inline => ({ kind: 'em', text });
export const code = (text: string): Inline => ({ kind: 'code', text });
export const math = (tex: string): Inline => ({ kind: 'math', tex });

export const heading = (level: 2 | 3, id: string, text: string): Heading => ({ block: 'heading', level, id, text });
export const paragraph = (...content: Inline[]): Paragraph => ({ block: 'paragraph', content });
export const formula = (tex: string, text: string): Formula => ({ block: 'formula', tex, text });
export const callout = (title: string, ...content: Inline[]): Callout => ({ block: 'callout', title, content });

/** A value as it stands in a cell. */
export function cellText(row: Table['rows'][number], { key, format = String, spread }: Column): string {
  const value = row[key];
  if (value === undefined) return '–';
  if (typeof value !== 'number') return String(value);
  const deviation = spread === undefined ? undefined : row[spread];
  return typeof deviation === 'number' ? `${format(value)} ± ${format(deviation)}` : format(value);
}
