import { InvalidArgumentError, Option } from 'commander';

/** `--data DIR`: hand its value to `dataRoot` of src/data/root.ts, which knows the rest. */
export const dataOption = (): Option =>
  new Option('--data <dir>', "folder of the data sets (default: LEGENDA_DATA, else the user's cache folder)");

/** `--json`: standard output is for programs. */
export const jsonOption = (): Option => new Option('--json', 'print JSON on standard output');

/** Parses an option's whole number of at least `low`; use as `.argParser(wholeNumber(1))`. */
export const wholeNumber =
  (low: number, high = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < low || value > high) {
      const range = high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`;
      throw new InvalidArgumentError(`Expected a whole number ${range}.`);
    }
    return value;
  };
