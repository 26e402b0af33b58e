import { LegendaError } from '../../errors.js';

/** An image that cannot be decoded, or not to its end. */
export class DamagedImage extends LegendaError {
  override name = 'DamagedImage';
  /** The message without the decoder's words, which need not be the same each time. */
  readonly what: string;

  constructor(what: string, cause: Error) {
    super(`${what} (${reason(cause)})`, { cause });
    this.what = what;
  }
}

/** What a decoder said, in a line: libvips gives one a layer, from the outermost in. */
export function reason({ message }: Error): string {
  const lines = message.split('\n').map((line) => line.trim());
  const said = [...new Set(lines.filter(Boolean))].join('; ');
  return said.length > 200 ? `${said.slice(0, 200)}…` : said;
}
