import { Command, Option } from 'commander';
import { UsageError } from '../../errors.js';
import { onInterrupt } from '../frame/interrupt.js';
import { dataOption, deviceOption, jsonOption, threadsOption } from '../frame/options.js';
import { print, printJson } from '../frame/output.js';
import { openRuntime } from '../frame/runtime.js';
import { formatTable } from '../frame/table.js';
import { type Progress, startProgress } from '../progress.js';
import { listOf, wholeNumbers } from './lists.js';
import { type ClassifierOptions, openClassifier } from './open-classifier.js';
import { figuresOption, writeFiguresOf } from './write-figures.js';

interface Options extends ClassifierOptions {
  readonly of?: readonly number[];
  readonly class?: string;
  readonly words?: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
}

export function saliencyCommand(): Command {
  return new Command('saliency')
    .description(
      'which pixels an answer rests on: saliency, integrated gradients and occlusion, of a class or of words',
    )
    .argument('<run>', 'a run folder')
    .argument('[image]', 'an image file; a captioner needs one, a classifier is asked about test images without')
    .addOption(
      new Option('--of <numbers>', 'test images, by comma, for a classifier (default: 0,1,2)').argParser(wholeNumbers),
    )
    .addOption(new Option('--class <name>', 'explain the score of this class (default: the likeliest)'))
    .addOption(new Option('--words <words>', 'explain only these words of the caption, by comma').argParser(listOf))
    .addOption(figuresOption())
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(explain);
}

async function explain(dir: string, image: string | undefined, options: Options): Promise<void> {
  const { openRun } = await import('../../train/record.js');
  const { recipeNamed } = await import('../../recipes/table.js');
  const { recipe } = await openRun(dir);
  const isCaptioner = recipeNamed(recipe).kind === 'captioner';
  const foreign = isCaptioner ? (['of', 'class'] as const) : (['words'] as const);
  for (const name of foreign)
    if (options[name] !== undefined)
      throw new UsageError(
        `--${name}: ${isCaptioner ? 'classifiers have' : 'captioners have'} one, ${dir} is ${recipe}`,
      );
  if (!isCaptioner) {
    if (image !== undefined && options.of !== undefined)
      throw new UsageError(`--of: numbers of test images and a file, ${image}, do not go together`);
    return explainClasses(dir, image, options);
  }
  if (image === undefined) throw new UsageError(`${recipe} needs an image file to be explained on`);
  return explainCaption(dir, image, options);
}

async function explainClasses(dir: string, file: string | undefined, options: Options): Promise<void> {
  const { explainDecisions } = await import('../../recipes/explain/explain-decisions.js');
  const { givenFile, givenTestImage } = await import('../../recipes/given-images.js');
  const { trained, data, runtime } = await openClassifier(dir, options);
  const { of = [0, 1, 2], class: wanted, out, json } = options;
  const images =
    file === undefined ? of.map((index) => givenTestImage(trained, data, index)) : [await givenFile(trained, file)];
  const found = await explainDecisions(trained, data.classes, images, { runtime, class: wanted });
  if (out !== undefined) {
    const { decisionBlocks } = await import('../../report/explanation/decisions.js');
    await writeFiguresOf(decisionBlocks(found, dir), out);
  }
  if (json) return printJson(found.map(withoutPictures));
  const rows = found.map(({ image, name, said, probability, completeness }) => [
    ...[image === undefined ? '' : String(image), name, said, probability.toFixed(4), ...sumOf(completeness)],
  ]);
  print(formatTable(['TEST IMAGE', 'IMAGE', 'EXPLAINED AS', 'PROBABILITY', ...sumHeader], rows, [...right]));
}

async function explainCaption(dir: string, image: string, { words, out, json, ...computing }: Options): Promise<void> {
  const { openCaptioner } = await import('../../recipes/open-captioner.js');
  const { explainWords } = await import('../../recipes/explain/explain-words.js');
  const trained = await openCaptioner(dir);
  using interrupt = onInterrupt();
  let progress: Progress | undefined;
  const found = await explainWords(trained, image, {
    runtime: await openRuntime(computing),
    signal: interrupt.signal,
    onProgress: (done, total) => {
      progress ??= startProgress({ label: 'words', total });
      progress.update(done, '');
    },
    ...(words && { words }),
  }).finally(() => progress?.stop());
  if (out !== undefined) {
    const { mapsFigure } = await import('../../report/explanation/decisions.js');
    const rows = found.words.map((word) => ({ ...word, label: word.word, picture: found.picture }));
    await writeFiguresOf([mapsFigure(rows, `“${found.caption}”.`)], out);
  }
  if (json) return printJson({ image, caption: found.caption, words: found.words.map(withoutPictures) });
  const rows = found.words.map(({ word, probability, completeness }) => [
    ...[word, probability.toFixed(4), ...sumOf(completeness)],
  ]);
  print(`${found.caption}\n\n${formatTable(['WORD', 'PROBABILITY', ...sumHeader], rows)}`);
}

const right = ['right', 'left', 'left', 'right'] as const;

const sumHeader = ['SCORE - BLACK IMAGE’S', 'INTEGRATED GRADIENTS SUM TO', 'OFF BY'];

const sumOf = ({ difference, sum }: { readonly difference: number; readonly sum: number }): string[] => [
  difference.toFixed(4),
  sum.toFixed(4),
  difference === 0 ? '–' : `${(100 * Math.abs(sum / difference - 1)).toFixed(2)} %`,
];

interface Pictures {
  readonly picture?: string;
  readonly saliency: string;
  readonly integrated: string;
  readonly occlusion: string;
}

const withoutPictures = <T extends Pictures>({
  picture: _p,
  saliency: _s,
  integrated: _i,
  occlusion: _o,
  ...rest
}: T) => rest;
