import { Command } from 'commander';
import { LegendaError, UsageError } from '../errors.js';
import type { NetworkSummary } from '../models/summary.js';
import { jsonOption, setOption } from './frame/options.js';
import { print, printJson } from './frame/output.js';
import { formatTable } from './frame/table.js';
import { formatBytes } from './progress.js';

interface Options {
  readonly json?: boolean;
  readonly set: readonly string[];
}

export function summaryCommand(): Command {
  return new Command('summary')
    .description('print a network layer by layer: shapes, parameters and their formulas, multiply-adds')
    .argument('<network>', 'a recipe, or an ONNX file')
    .addOption(setOption())
    .addOption(jsonOption())
    .action(summary);
}

async function summary(network: string, options: Options): Promise<void> {
  const isFile = network.endsWith('.onnx');
  if (isFile && options.set.length > 0) throw new UsageError(`--set is for recipes, ${network} is a file`);
  const result = isFile ? await summariseFile(network) : await summariseRecipe(network, options.set);
  if (options.json) return printJson(result);
  const number = (value: number) => (value === 0 ? '0' : value.toLocaleString('en'));
  const rows = result.layers.map(({ name, type, output, parameters, formula, multiplyAdds }) => [
    name,
    type,
    output,
    number(parameters),
    formula,
    number(multiplyAdds),
  ]);
  print(`${result.title} (${result.name}), input ${result.input}\n`);
  print(
    formatTable(
      ['LAYER', 'TYPE', 'OUTPUT', 'PARAMETERS', 'FORMULA', 'MULTIPLY-ADDS'],
      [...rows, ['total', '', '', number(result.parameters), '', number(result.multiplyAdds)]],
      ['left', 'left', 'left', 'right', 'left', 'right'],
    ),
  );
  const { parameterBytes, activationBytes } = result.memory;
  print(
    `\nmemory: ${formatBytes(parameterBytes)} of parameters, ${formatBytes(activationBytes)} of results for one example`,
  );
}

async function summariseRecipe(name: string, settings: readonly string[]): Promise<NetworkSummary> {
  const { classifierNamed } = await import('../recipes/table.js');
  const { configure, parseSettings } = await import('../recipes/configure.js');
  const { summarise } = await import('../models/summary.js');
  const recipe = classifierNamed(name);
  return summarise(recipe.model(configure(recipe, parseSettings(settings))), recipe);
}

async function summariseFile(path: string): Promise<NetworkSummary> {
  const { summariseOnnx } = await import('../models/onnx-summary.js');
  const { readOnnxFile } = await import('../models/onnx-file.js');
  const bytes = await readOnnxFile(path);
  try {
    return summariseOnnx(bytes, path);
  } catch (error) {
    if (!(error instanceof LegendaError)) throw error;
    throw new LegendaError(`${path}: ${error.message}`, { cause: error });
  }
}
