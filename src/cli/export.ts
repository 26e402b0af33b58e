import { Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { note } from './frame/output.js';
import { formatBytes } from './progress.js';

interface Options {
  readonly checkpoint?: 'last' | 'best';
}

export function exportCommand(): Command {
  return new Command('export')
    .description('write the model of a run as an ONNX file (.onnx) or its parameters as safetensors (.safetensors)')
    .argument('<run>', 'a run folder')
    .argument('<file>', 'where to; an existing file is replaced')
    .addOption(
      new Option('--checkpoint <which>', 'which parameters (default: as configured)').choices(['last', 'best']),
    )
    .action(exportRun);
}

async function exportRun(dir: string, file: string, options: Options): Promise<void> {
  const { openTrained } = await import('../recipes/open-run.js');
  const { exportModel } = await import('../train/export.js');
  const { stateDict } = await import('../nn/state-dict.js');
  const { encodeSafetensors } = await import('../tensor/safetensors.js');
  const { writeFileAtomic } = await import('../files.js');
  const onnx = file.endsWith('.onnx');
  if (!onnx && !file.endsWith('.safetensors'))
    throw new UsageError(`${file}: a name that ends in .onnx or .safetensors is expected`);
  const { model, recipe, parameters, configuration } = await openTrained(dir, options.checkpoint);
  const metadata = { pixels: JSON.stringify({ multiplyBytesBy: configuration.pixelScale }) };
  const bytes = onnx
    ? exportModel(model, recipe.image, parameters, metadata)
    : encodeSafetensors(stateDict(model, parameters), { format: 'pt' });
  await writeFileAtomic(file, bytes);
  note(`${file}: ${formatBytes(bytes.length)}`);
}
