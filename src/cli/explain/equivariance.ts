import { Command, Option } from 'commander';
import type { ExplanationFile } from '../../explain/explanation-file.js';
import { dataOption, deviceOption, jsonOption, threadsOption, wholeNumber } from '../frame/options.js';
import { print, printJson } from '../frame/output.js';
import { formatSmall, formatTable } from '../frame/table.js';
import { type ClassifierOptions, openClassifier } from './open-classifier.js';
import { figuresOption, writeFiguresOf } from './write-figures.js';

interface Options extends ClassifierOptions {
  readonly most: number;
  readonly images: number;
  readonly out?: string;
  readonly json?: boolean;
}

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
    .addOption(figuresOption())
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(explainEquivariance);
}

type Explained = { readonly run: string; readonly recipe: string } & ExplanationFile['shifts'];

async function explainEquivariance(runs: readonly string[], options: Options): Promise<void> {
  const { explainShifts } = await import('../../recipes/explain/explain-shifts.js');
  const { accuracyByDistance } = await import('../../explain/equivariance/accuracy.js');
  const explained: Explained[] = [];
  for (const run of runs) {
    const { trained, data, runtime } = await openClassifier(run, options);
    const shifts = await explainShifts(trained, data, { ...options, runtime });
    explained.push({ run, recipe: trained.recipe.name, ...shifts });
  }
  if (options.out !== undefined) {
    const { shiftBlocks } = await import('../../report/explanation/shifts.js');
    const isAlone = (recipe: string) => explained.filter((other) => other.recipe === recipe).length === 1;
    const networks = explained.map(({ run, recipe, ...shifts }) => ({
      ...{ dir: run, name: isAlone(recipe) ? recipe : run, shifts },
    }));
    await writeFiguresOf(shiftBlocks(networks), options.out);
  }
  if (options.json) return printJson(explained);
  print(explained.map((one) => describe(one, accuracyByDistance(one.accuracy))).join('\n\n'));
}

function describe(
  { run, recipe, images, layers, accuracy }: Explained,
  byDistance: readonly { readonly pixels: number; readonly accuracy: number }[],
): string {
  const rows = layers.map(({ path, type, stride, ofWholePlaces, ofAll }) => [
    path,
    type,
    stride.join('×'),
    ofWholePlaces === undefined ? '–' : formatSmall(ofWholePlaces),
    ofAll === undefined ? '–' : formatSmall(ofAll),
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
  const distances = byDistance.map(({ pixels, accuracy }) => `${pixels}: ${accuracy.toFixed(4)}`);
  const equivariant = layers.length === 0 ? 'no layer makes images of images' : table;
  return `${run} (${recipe})\n\n${equivariant}\n\naccuracy on ${images} shifted test images, by pixels:\n${shifts}\n\nthe mean by distance: ${distances.join(', ')}`;
}
