import { Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../../errors.js';
import type { ExaminedHeads } from '../../explain/heads/examine.js';
import type { GeneratedHeads } from '../../explain/heads/generate.js';
import type { AttentionHead } from '../../explain/heads/head.js';
import { jsonOption, wholeNumber } from '../frame/options.js';
import { print, printJson } from '../frame/output.js';
import { formatSmall, formatTable } from '../frame/table.js';

interface Options {
  readonly length: number;
  readonly embedding?: number;
  readonly dimension?: number;
  readonly heads: number;
  readonly equivalent?: boolean;
  readonly query?: string;
  readonly key?: string;
  readonly packed?: string;
  readonly rows?: 'inputs' | 'outputs';
  readonly tolerance?: number;
  readonly seed: number;
  readonly json?: boolean;
}

const [defaultEmbedding, defaultDimension] = [16, 4];

export function headsCommand(): Command {
  const count = (flags: string, what: string, high: number): Option =>
    new Option(flags, what).argParser(wholeNumber(1, high));
  return new Command('heads')
    .description(
      'which attention heads are the same head: A = W_Q·W_Kᵀ of each, its rank, and what turns one into another',
    )
    .argument('[file]', 'heads in .safetensors or .onnx; generated from a seed when left out')
    .addOption(count('--heads <n>', 'heads that there are', 1024).default(2))
    .addOption(count('--length <n>', 'inputs in the sequence that probabilities are compared on', 4096).default(12))
    .addOption(
      count('--embedding <n>', `size of an input, of heads that are generated (default: ${defaultEmbedding})`, 4096),
    )
    .addOption(
      count(
        '--dimension <n>',
        `size of queries and keys, of heads that are generated (default: ${defaultDimension})`,
        4096,
      ),
    )
    .option('--equivalent', 'generate the first head again and again, by other invertible B')
    .option('--query <tensor>', 'tensor of the file with W_Q of all heads side by side')
    .option('--key <tensor>', 'tensor of the file with W_K of all heads')
    .option('--packed <tensor>', "one with W_Q, W_K and W_V (default: the file's only in_proj_weight)")
    .addOption(
      new Option('--rows <what>', 'what the rows of a tensor are (default: outputs, in ONNX files inputs)').choices([
        'inputs',
        'outputs',
      ]),
    )
    .addOption(
      new Option(
        '--tolerance <share>',
        'distance up to which heads are the same (default: what rounding explains)',
      ).argParser(positive),
    )
    .addOption(new Option('--seed <n>', 'seed of what is generated').argParser(wholeNumber(0)).default(1))
    .addOption(jsonOption())
    .action(explainHeads);
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 2))
    throw new InvalidArgumentError('Expected a number above 0 and below 2.');
  return value;
}

async function explainHeads(file: string | undefined, options: Options): Promise<void> {
  const { examineHeads } = await import('../../explain/heads/examine.js');
  const { linkErrors } = await import('../../explain/heads/link-errors.js');
  const { length, seed, tolerance, json } = options;
  const { heads, links, precision } = file === undefined ? await generated(options) : await read(file, options);
  const found = examineHeads(heads, { length, seed, precision, ...(tolerance !== undefined && { tolerance }) });
  const recovered = linkErrors(found, links);
  if (json) return printJson(asJson(found, recovered, options));
  print(describe(found, recovered));
}

type Given = { readonly precision: number } & GeneratedHeads;

async function generated(options: Options): Promise<Given> {
  for (const name of ['query', 'key', 'packed', 'rows'] as const)
    if (options[name] !== undefined) throw new UsageError(`${name}: only heads in a file have one`);
  const { generateHeads } = await import('../../explain/heads/generate.js');
  const { precisionOf } = await import('../../explain/heads/head.js');
  const { embedding = defaultEmbedding, dimension = defaultDimension, heads, equivalent = false, seed } = options;
  const given = generateHeads({ embedding, dimension, heads, equivalent, seed });
  return { ...given, precision: precisionOf.float64 };
}

const maxBytes = 2 ** 31;

async function read(file: string, options: Options): Promise<Given> {
  for (const name of ['embedding', 'dimension', 'equivalent'] as const)
    if (options[name] !== undefined) throw new UsageError(`${name}: only heads that are generated have one`);
  const { readFileBounded } = await import('../../files.js');
  const { headsOf } = await import('../../explain/heads/from-tensors.js');
  const isOnnx = file.endsWith('.onnx');
  if (!isOnnx && !file.endsWith('.safetensors'))
    throw new UsageError(`${file}: a name that ends in .safetensors or .onnx is expected`);
  const { readOnnxFile } = await import('../../models/onnx-file.js');
  const bytes = isOnnx ? await readOnnxFile(file, maxBytes) : await readFileBounded(file, maxBytes);
  const { query, key, packed, heads, rows = isOnnx ? 'inputs' : 'outputs' } = options;
  const names = {
    ...(query !== undefined && { query }),
    ...(key !== undefined && { key }),
    ...(packed !== undefined && { packed }),
  };
  const given = await named(file, async () => headsOf(await tensorsOf(bytes, isOnnx), { ...names, heads, rows }));
  return { ...given, links: [] };
}

async function tensorsOf(bytes: Uint8Array, isOnnx: boolean) {
  if (isOnnx) {
    const { initialisersOf } = await import('../../onnx/initialisers.js');
    return initialisersOf(bytes, maxBytes);
  }
  const { decodeSafetensors } = await import('../../tensor/safetensors.js');
  const { tensors } = decodeSafetensors(bytes);
  return new Map([...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, read: () => tensor }]));
}

async function named<T>(file: string, run: () => Promise<T>): Promise<T> {
  const { LegendaError } = await import('../../errors.js');
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LegendaError) || error instanceof UsageError) throw error;
    throw new LegendaError(`${file}: ${error.message}`, { cause: error });
  }
}

function asJson(
  { heads, pairs, equivalent }: ExaminedHeads,
  recovered: readonly (number | undefined)[],
  options: Options,
) {
  return {
    length: options.length,
    seed: options.seed,
    heads: heads.map(({ head, scores, differences, parameters, canonical }) => ({
      name: head.name,
      embedding: head.query.rows,
      dimension: head.query.columns,
      rank: scores.rank,
      singularValues: scores.singularValues,
      probabilities: differences,
      parameters,
      canonical: rowsOf(canonical),
    })),
    pairs: pairs.map(({ heads: pair, link, ...comparison }, i) => ({
      heads: pair,
      ...comparison,
      link: link && {
        B: link.matrix.to2DArray(),
        condition: link.condition,
        unique: link.unique,
        residuals: link.residuals,
        ...(recovered[i] !== undefined && { error: recovered[i] }),
      },
    })),
    equivalent,
  };
}

const rowsOf = ({ query, key }: AttentionHead) => ({ query: query.to2DArray(), key: key.to2DArray() });

function describe({ heads, pairs, equivalent }: ExaminedHeads, recovered: readonly (number | undefined)[]): string {
  const headRows = heads.map(({ head, scores, differences, parameters: { factors, free, saved } }) => [
    head.name,
    `${head.query.rows}×${head.query.columns}`,
    `${scores.rank} of at most ${head.query.columns}`,
    scores.singularValues
      .slice(0, 4)
      .map((value) => value.toPrecision(3))
      .join(' ') + (scores.singularValues.length > 4 ? ' …' : ''),
    formatSmall(Math.max(differences.plain, differences.scaled)),
    `${factors} → ${free} (-${saved})`,
  ]);
  const header = ['HEAD', 'W_Q, W_K', 'RANK OF A', 'SINGULAR VALUES', 'softmax(XAXᵀ) IS OFF BY', 'PARAMETERS'];
  const pairRows = pairs.map(({ heads: pair, distance, tolerance, same, probabilities, link }, i) => [
    pair.join(', '),
    formatSmall(distance),
    same ? 'the same head' : `other heads (the same up to ${formatSmall(tolerance)})`,
    formatSmall(probabilities),
    link === undefined
      ? same
        ? 'no invertible B'
        : ''
      : `condition ${formatSmall(link.condition)}, identity holds to ${formatSmall(Math.max(link.residuals.query, link.residuals.key))}` +
        (recovered[i] === undefined ? '' : `, recovered to ${formatSmall(recovered[i])}`) +
        (link.unique ? '' : ', not the only one'),
  ]);
  const parts = [formatTable(header, headRows)];
  if (pairs.length > 0) parts.push(formatTable(['PAIR', 'DISTANCE', '', 'PROBABILITIES DIFFER BY', 'B'], pairRows));
  const groups = equivalent.map((pair) => pair.join(' and ')).join('; ');
  parts.push(equivalent.length === 0 ? 'no two heads are the same' : `the same head: ${groups}`);
  return parts.join('\n\n');
}
