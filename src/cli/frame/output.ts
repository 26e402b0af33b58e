import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Writes a line of data to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a value to standard output as JSON, on one line when it is one of a stream of events. */
export function printJson(value: unknown, { oneLine = false } = {}): void {
  print(oneLine ? JSON.stringify(value) : JSON.stringify(value, null, 2));
}

let writeNote = (line: string): void => {
  process.stderr.write(line);
};
const plainly = writeNote;

/** Lets notes be written by what draws on the terminal at the moment; plainly again when that is undefined. */
export function writeNotesBy(writer: ((line: string) => void) | undefined): void {
  writeNote = writer ?? plainly;
}

/** Writes a line for people to standard error, above the progress that is drawn. */
export const note = (text: string): void => writeNote(`${text}\n`);

const warned = new Set<string>();

/** A note that must not be missed, once. */
export function warn(text: string): void {
  if (warned.has(text)) return;
  warned.add(text);
  note(paint('yellow', `WARNING: ${text}`, process.stderr));
}

/** Styled text where the stream shows colours: not on pipes and files, not with NO_COLOR, always with FORCE_COLOR. */
export function paint(format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0';
  const coloured = !NO_COLOR && (forced || (stream.isTTY && stream.hasColors()));
  return coloured ? styleText(format, text) : text;
}
