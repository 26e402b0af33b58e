import { Command, Option } from 'commander';
import type { ExplanationFile } from '../../explain/explanation-file.js';
import { dataOption, deviceOption, jsonOption, seedOption, threadsOption, wholeNumber } from '../frame/options.js';
import { print, printJson } from '../frame/output.js';
import { formatTable } from '../frame/table.js';
import { listOf, wholeNumbers } from './lists.js';
import { type ClassifierOptions, openClassifier } from './open-classifier.js';
import { figuresOption, writeFiguresOf } from './write-figures.js';

interface Options extends ClassifierOptions {
  readonly layers?: readonly string[];
  readonly images: number;
  readonly of: readonly number[];
  readonly channels: number;
  readonly top: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function activationsCommand(): Command {
  return new Command('activations')
    .description(
      'what a classifier’s layers make of images, what excites their channels, and how these tell classes apart',
    )
    .argument('<run>', 'a run folder')
    .argument('[images...]', 'image files whose maps are drawn, instead of test images')
    .addOption(
      new Option(
        '--layers <paths>',
        'layers whose channels and maps are shown, by comma (default: all convolutions); how layers tell classes apart is said of all of them',
      ).argParser(listOf),
    )
    .addOption(
      new Option('--images <n>', 'test images that are looked at').argParser(wholeNumber(1, 10_000)).default(2000),
    )
    .addOption(
      new Option('--of <numbers>', 'test images whose maps are drawn with --out, by comma')
        .argParser(wholeNumbers)
        .default([0], '0'),
    )
    .addOption(new Option('--channels <n>', 'channels shown of a layer').argParser(wholeNumber(1, 1024)).default(8))
    .addOption(new Option('--top <n>', 'images shown of a channel').argParser(wholeNumber(1, 64)).default(6))
    .addOption(figuresOption())
    .addOption(seedOption())
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(explain);
}

async function explain(dir: string, files: readonly string[], options: Options): Promise<void> {
  const { explainLayers } = await import('../../recipes/explain/explain-layers.js');
  const { explainActivations } = await import('../../recipes/explain/explain-activations.js');
  const { givenFile, givenTestImage } = await import('../../recipes/given-images.js');
  const { trained, data, runtime } = await openClassifier(dir, options);
  const { layers: wanted, images, of, channels, top, seed, out, json } = options;
  const chosen = wanted === undefined ? {} : { shown: wanted };
  // pictures take most of the time, and only figures show them
  const made = out === undefined ? {} : { seed };
  const given =
    files.length > 0
      ? await Promise.all(files.map((file) => givenFile(trained, file)))
      : of.map((index) => givenTestImage(trained, data, index));
  const layers = await explainLayers(trained, data, { runtime, images, channels, top, ...chosen, ...made });
  if (out !== undefined) {
    const { activationFigures, excitingFigure, selectivityFigure } = await import('../../report/explanation/layers.js');
    const maps = wanted === undefined ? {} : { layers: wanted };
    const activations = await explainActivations(trained, given, { runtime, ...maps });
    const shown = layers.filter((layer) => layer.shown.length > 0);
    const spread = selectivityFigure(layers, images);
    await writeFiguresOf(
      [...activationFigures(activations), ...shown.map(excitingFigure), ...(spread ? [spread] : [])],
      out,
    );
  }
  if (json) return printJson(layers.map(withoutPictures));
  print(describe(layers, await import('../../metrics/spread.js')));
}

const withoutPictures = ({ shown, ...layer }: ExplanationFile['layers'][number]) => ({
  ...layer,
  shown: shown.map(({ channel, exciting, maximised }) => ({
    channel,
    exciting: exciting.map(({ picture: _, ...one }) => one),
    ...(maximised && { maximised: maximised.value }),
  })),
});

function describe(
  layers: ExplanationFile['layers'],
  { meanOf, quantileOf }: typeof import('../../metrics/spread.js'),
): string {
  const rows = layers.map(({ path, type, channels, selectivity }) => {
    const at = (share: number) => quantileOf(selectivity, share).toFixed(2);
    return [path, type, String(channels), meanOf(selectivity).toFixed(3), `${at(0.25)} to ${at(0.75)}`];
  });
  const selectivity = formatTable(['LAYER', 'TYPE', 'CHANNELS', 'CLASS SELECTIVITY', 'MIDDLE HALF'], rows, [
    ...['left' as const, 'left' as const, 'right' as const, 'right' as const],
  ]);
  const excited = layers.flatMap(({ path, shown }) =>
    shown.map(({ channel, exciting }) => [
      path,
      String(channel),
      exciting.map(({ image, class: name, value }) => `${name} (${image}, ${value.toPrecision(3)})`).join(', '),
    ]),
  );
  const exciting = formatTable(['LAYER', 'CHANNEL', 'EXCITED MOST BY (TEST IMAGE, VALUE)'], excited);
  return `${selectivity}\n\n${exciting}`;
}
