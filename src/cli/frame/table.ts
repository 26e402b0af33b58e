import { stripVTControlCharacters } from 'node:util';

export type Alignment = 'left' | 'right';

/**
 * Lines of text in columns, two spaces apart, a header first. Cells may be styled.
 * @param align one an column, left where absent
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Alignment[] = [],
): string {
  const width = (text: string) => stripVTControlCharacters(text).length;
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => width(cells[column] ?? ''))));
  return lines
    .map((cells) =>
      widths
        .map((columnWidth, column) => {
          const text = cells[column] ?? '';
          const padding = ' '.repeat(columnWidth - width(text));
          return align[column] === 'right' ? padding + text : text + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A number that is best told by its power of ten, such as what rounding leaves of zero. */
export const formatSmall = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
