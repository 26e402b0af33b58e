import { Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import type { AnyModule } from '../nn/module.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Which } from '../train/checkpoint.js';
import { note } from './frame/output.js';
import { formatBytes } from './progress.js';

interface Options {
  readonly checkpoint?: Which;
}

export function exportCommand(): Command {
  return new Command('export')
    .description(
      "write a run's model as ONNX (.onnx; a folder for a captioner) or its parameters as safetensors (.safetensors)",
    )
    .argument('<run>', 'a run folder')
    .argument('<target>', 'where to; existing files are replaced')
    .addOption(
      new Option('--checkpoint <which>', 'which parameters (default: as configured)').choices(['last', 'best']),
    )
    .action(exportRun);
}

async function exportRun(dir: string, target: string, { checkpoint }: Options): Promise<void> {
  const { openRun } = await import('../train/record.js');
  const { recipeNamed } = await import('../recipes/table.js');
  const { kind } = recipeNamed((await openRun(dir)).recipe);
  const files = await (kind === 'captioner' ? exportCaptioner : exportClassifier)(dir, target, checkpoint);
  for (const [path, size] of files) note(`${path}: ${formatBytes(size)}`);
}

type Files = ReadonlyMap<string, number>;

async function exportClassifier(dir: string, file: string, checkpoint: Which | undefined): Promise<Files> {
  const { openTrained } = await import('../recipes/open-run.js');
  const { exportModel } = await import('../train/export.js');
  if (file.endsWith('.onnx')) {
    const { model, recipe, parameters, configuration } = await openTrained(dir, checkpoint);
    const metadata = { pixels: JSON.stringify({ multiplyBytesBy: configuration.pixelScale }) };
    return write(file, exportModel(model, recipe.image, parameters, metadata));
  }
  if (!isSafetensors(file)) throw new UsageError(`${file}: a name that ends in .onnx or .safetensors is expected`);
  return writeParameters(file, await openTrained(dir, checkpoint));
}

async function exportCaptioner(dir: string, target: string, checkpoint: Which | undefined): Promise<Files> {
  const { openCaptioner } = await import('../recipes/open-captioner.js');
  if (isSafetensors(target)) {
    const { network, parameters } = await openCaptioner(dir, checkpoint);
    return writeParameters(target, { model: network, parameters });
  }
  if (target.endsWith('.onnx'))
    throw new UsageError(`${target}: a captioner is more than one file: the name of a folder is expected`);
  const { exportCaptionerRun } = await import('../recipes/export-captioner.js');
  return exportCaptionerRun(await openCaptioner(dir, checkpoint), target);
}

const isSafetensors = (file: string): boolean => file.endsWith('.safetensors');

async function writeParameters(
  file: string,
  { model, parameters }: { readonly model: AnyModule; readonly parameters: ReadonlyMap<string, Tensor> },
): Promise<Files> {
  const { stateDict } = await import('../nn/state-dict.js');
  const { encodeSafetensors } = await import('../tensor/safetensors.js');
  return write(file, encodeSafetensors(stateDict(model, parameters), { format: 'pt' }));
}

async function write(file: string, bytes: Uint8Array): Promise<Files> {
  const { writeFileAtomic } = await import('../files.js');
  await writeFileAtomic(file, bytes);
  return new Map([[file, bytes.length]]);
}
