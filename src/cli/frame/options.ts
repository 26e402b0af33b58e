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

/** `--set key=value`, any number of times. */
export const setOption = (): Option =>
  new Option('--set <key=value>', 'change a key of the configuration (again for more)')
    .default([], 'as the recipe has it')
    .argParser((pair: string, before: readonly string[]) => [...before, pair]);

/** `--jobs N`. */
export const jobsOption = (): Option =>
  new Option('--jobs <n>', 'trainings at once; as many as there are cores by default').argParser(wholeNumber(1, 1024));

/** `--threads N` for ONNX Runtime. */
export const threadsOption = (): Option =>
  new Option('--threads <n>', 'threads of ONNX Runtime; all cores by default').argParser(wholeNumber(1, 1024));

/** `--seed N`. */
export const seedOption = (): Option =>
  new Option('--seed <n>', 'seed of everything random').default(42).argParser(wholeNumber(0));

/** `--sample`. */
export const sampleOption = (): Option =>
  new Option('--sample', 'use the bundled sample of the data: quick, needs no download, numbers not comparable');
