import { Command, Option } from 'commander';
import type { ShiftAccuracy } from '../../explain/equivariance/accuracy.js';
import type { LayerEquivariance } from '../../explain/equivariance/examine.js';
import { dataProgress } from '../data-progress.js';
import { onInterrupt } from '../frame/interrupt.js';
import { dataOption, jsonOption, threadsOption, wholeNumber } from '../frame/options.js';
import { print, printJson, warn } from '../frame/output.js';
import { formatSmall, formatTable } from '../frame/table.js';

interface Options {
  readonly most: number;
  readonly images: number;
  readonly threads?: number;
  readonly data?: string;
  readonly json?: boolean;
}

/** Images that layers are examined on: each place of each of them is compared. */
const forLayers = 16;

export function equivarianceCommand(): Command {
  return new Command('equivariance')
    .description('how the layers of classifiers answer to shifts of their input, and what shifts cost in accuracy')
    .argument('<runs...>', 'run folders')
    .addOption(new Option('--most <pixels>', 'largest shift').argParser(wholeNumber(1, 14)).default(3))
    .addOption(
      new Option('--images <n>', 'test images whose accuracy is measured')
        .argParser(wholeNumber(1, 10_000))
        .default(1000),
    )
    .addOption(threadsOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(explainEquivariance);
}

interface Explained {
  readonly run: string;
  readonly recipe: string;
  readonly images: number;
  readonly layers: readonly LayerEquivariance[];
  readonly accuracy: readonly ShiftAccuracy[];
}

async function explainEquivariance(runs: readonly string[], options: Options): Promise<void> {
  const explained: Explained[] = [];
  for (const run of runs) explained.push(await explain(run, options));
  if (options.json) return printJson(explained);
  print(explained.map(describe).join('\n\n'));
}

async function explain(run: string, { most, images, threads, data: folder }: Options): Promise<Explained> {
  const { openTrained } = await import('../../recipes/open-run.js');
  const { loadDataOf } = await import('../../recipes/load-data.js');
  const { firstTestImages } = await import('../../recipes/shown-test-images.js');
  const { dataRoot } = await import('../../data/root.js');
  const { sampleWarning } = await import('../../data/fashion-mnist.js');
  const { nodeRuntime } = await import('../../runtime/node.js');
  const { InferenceModel } = await import('../../train/inference.js');
  const { examineEquivariance } = await import('../../explain/equivariance/examine.js');
  const { accuracyByShift } = await import('../../explain/equivariance/accuracy.js');
  const trained = await openTrained(run);
  using interrupt = onInterrupt();
  using progress = dataProgress();
  const { signal } = interrupt;
  const data = await loadDataOf(trained.record, { root: dataRoot(folder), signal, ...progress.listeners });
  progress[Symbol.dispose]();
  if (data.sample) warn(sampleWarning);
  const runtime = nodeRuntime(threads === undefined ? {} : { threads });
  const { model, parameters, recipe } = trained;
  const some = firstTestImages(trained, data, forLayers);
  const layers = await examineEquivariance(model, some, parameters, { runtime, most });
  const tested = firstTestImages(trained, data, images);
  await using inference = await InferenceModel.compile(runtime, model, { dtype: 'float32', shape: tested.shape });
  const accuracy = await accuracyByShift(inference, parameters, tested, tested.labels, most);
  return { run, recipe: recipe.name, images: tested.labels.length, layers, accuracy };
}

function describe({ run, recipe, images, layers, accuracy }: Explained): string {
  const rows = layers.map(({ path, type, stride, ofWholePlaces, ofAll }) => [
    path,
    type,
    stride.join('×'),
    formatSmall(ofWholePlaces),
    formatSmall(ofAll),
  ]);
  const table = formatTable(['LAYER', 'TYPE', 'STRIDE', 'ERROR, SHIFTS OF WHOLE PLACES', 'ALL SHIFTS'], rows);
  const right = [...new Set(accuracy.map(({ shift }) => shift[1]))];
  const grid = [...new Set(accuracy.map(({ shift }) => shift[0]))].map((down) => [
    String(down),
    ...right.map((by) => accuracy.find(({ shift }) => shift[0] === down && shift[1] === by)!.accuracy.toFixed(3)),
  ]);
  const shifts = formatTable(['DOWN \\ RIGHT', ...right.map(String)], grid, [
    'right',
    ...right.map(() => 'right' as const),
  ]);
  const equivariant = layers.length === 0 ? 'no layer makes images of images' : table;
  return `${run} (${recipe})\n\n${equivariant}\n\naccuracy on ${images} shifted test images, by pixels:\n${shifts}`;
}
