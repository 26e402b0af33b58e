import { type Command, InvalidArgumentError, Option } from 'commander';

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
  new Option(
    '--jobs <n>',
    'trainings at once; by default as many as there are cores, or a few more where they would not come out even',
  ).argParser(wholeNumber(1, 1024));

/** What a captioner learns from: each is `--set` of its key in short. */
export const addCaptionerOptions = (command: Command): Command =>
  command
    .option('--dataset <name>', 'what a captioner learns from: a set, or a folder of yours (as --set dataset=…)')
    .option(
      '--encoder <file>',
      'ONNX image model that a captioner looks through, or resnet18 or mobilenetv2 of the ONNX zoo (as --set encoder=…)',
    )
    .option('--features <tensor>', 'tensor of the encoder that has the features (as --set features=…)')
    .option('--fine-tune', 'train the encoder of a file along (as --set fineTune=true)');

export interface CaptionerOptions {
  readonly dataset?: string;
  readonly encoder?: string;
  readonly features?: string;
  readonly fineTune?: boolean;
}

/** These options as `--set` has them. */
export const shorthands = (options: CaptionerOptions): string[] =>
  (['dataset', 'encoder', 'features', 'fineTune'] as const).flatMap((key) =>
    options[key] === undefined ? [] : [`${key}=${options[key]}`],
  );

/** `--beam N` of a captioner. */
export const beamOption = (): Option =>
  new Option('--beam <n>', 'drafts of a caption that are followed at once (default: as configured)').argParser(
    wholeNumber(1, 64),
  );

/** `--consensus` of a captioner. */
export const consensusOption = (): Option =>
  new Option('--consensus', "of the beam's captions, the one most like the others (default: as configured)");

/** `--threads N` for ONNX Runtime. */
export const threadsOption = (otherwise = 'all cores by default'): Option =>
  new Option('--threads <n>', `threads of ONNX Runtime; ${otherwise}`).argParser(wholeNumber(1, 1024));

/** `--device NAME` for ONNX Runtime. */
export const deviceOption = (): Option =>
  new Option('--device <name>', 'where to compute; "auto": where it is fastest').choices([
    'cpu',
    'webgpu',
    'cuda',
    'auto',
  ]);

/** `--seed N`. */
export const seedOption = (): Option =>
  new Option('--seed <n>', 'seed of everything random').default(42).argParser(wholeNumber(0));

/** `--sample`. */
export const sampleOption = (): Option =>
  new Option('--sample', 'use the bundled sample of the data: quick, needs no download, numbers not comparable');

/** `--queue URL`: the address of Redis. */
export const queueOption = (what: string): Option =>
  new Option('--queue <redis://…>', `${what}; the address of Redis or Valkey`).env('LEGENDA_QUEUE');
