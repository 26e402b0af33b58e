import { type Block, heading, paragraph, type Table, type Value } from './blocks.js';
import { captionerBlocks } from './captioners.js';
import { classifierBlocks } from './classifier.js';
import type { CaptionerPart, CaptionerRun, ClassifierRun, Reproduction } from './data.js';
import { count, duration, measure, slug } from './format.js';
import { judgedEpoch } from './judge.js';
import { networkBlocks } from './networks.js';
import { separate } from './separate.js';
import { binomialNoise } from './verdict.js';

/** Runs of one classifier's recipe. */
export type ClassifierGroup = Pick<Reproduction, 'classifier' | 'dataset' | 'networks'>;

export interface ComparisonPart {
  /** The command that makes the page again. */
  readonly command: string;
  /** By recipe. */
  readonly classifiers: readonly ClassifierGroup[];
  /** By set of captions. */
  readonly captioners: readonly CaptionerPart[];
}

/** Runs of any recipes side by side, and then a chapter for each recipe or set of captions. */
export const comparisonBlocks = ({ command, classifiers, captioners }: ComparisonPart): Block[] => [
  ...(classifiers.length > 0 && captioners.length > 0
    ? [
        paragraph(
          'Runs of different kinds, each measured as its kind is: classifiers by the share of images that they are right about, captioners by BLEU-4 against all references.',
        ),
      ]
    : []),
  heading(2, 'compared', 'All runs'),
  ...(classifiers.length > 0 ? [{ ...classifierTable(classifiers), command }] : []),
  ...(captioners.length > 0 ? [{ ...captionerTable(captioners), command }] : []),
  ...classifiers.flatMap((group) =>
    separate(nameOf(group), [
      heading(
        2,
        'chapter',
        `${group.networks[0]?.title ?? group.classifier.recipe}${group.dataset.sample ? ', on the sample' : ''}`,
      ),
      ...group.networks.flatMap(networkBlocks),
      ...classifierBlocks(group),
    ]),
  ),
  ...captioners.flatMap((part, i) =>
    separate(`captions-${i + 1}`, captionerBlocks(part, `Captions of ${part.dataset.name}`)),
  ),
];

const nameOf = ({ classifier, dataset }: ClassifierGroup): string =>
  slug(dataset.sample ? `${classifier.recipe}-sample` : classifier.recipe);

const seconds = (run: ClassifierRun | CaptionerRun): number =>
  run.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);

function classifierTable(groups: readonly ClassifierGroup[]): Table {
  return {
    block: 'table',
    id: 'compared-classifiers',
    caption: [
      'Classifiers. The interval is that of the test images alone (95 %, binomial); another seed moves an accuracy beside it.',
    ],
    columns: [
      { key: 'run', title: 'Run', code: true },
      { key: 'recipe', title: 'Recipe', code: true },
      { key: 'data', title: 'Data' },
      { key: 'parameters', title: 'Parameters', format: count },
      { key: 'epochs', title: 'Epochs', format: count },
      { key: 'validation', title: 'validation', group: 'Accuracy', format: measure },
      { key: 'test', title: 'test', group: 'Accuracy', format: measure },
      { key: 'noise', title: '±', group: 'Accuracy', format: measure },
      { key: 'seconds', title: 'Time', format: duration },
    ],
    rows: groups.flatMap(({ classifier, dataset }) =>
      classifier.runs.map(
        (run): Record<string, Value> => ({
          run: run.dir,
          recipe: classifier.recipe,
          data: dataset.sample ? `${dataset.name}, sample` : dataset.name,
          parameters: run.parameters,
          epochs: run.epochs.length,
          validation: judgedEpoch(run)?.validationAccuracy,
          test: run.test?.accuracy,
          noise: run.test && binomialNoise(run.test.accuracy, dataset.sizes.test),
          seconds: seconds(run),
        }),
      ),
    ),
  };
}

function captionerTable(parts: readonly CaptionerPart[]): Table {
  return {
    block: 'table',
    id: 'compared-captioners',
    caption: [
      'Captioners. The interval is that of the images (95 %, bootstrap); scores of different captions do not compare.',
    ],
    columns: [
      { key: 'run', title: 'Run', code: true },
      { key: 'recipe', title: 'Recipe', code: true },
      { key: 'data', title: 'Captions' },
      { key: 'parameters', title: 'Parameters', format: count },
      { key: 'epochs', title: 'Epochs', format: count },
      { key: 'bleu4', title: 'score', group: 'BLEU-4', format: measure },
      { key: 'interval', title: 'interval', group: 'BLEU-4' },
      { key: 'seconds', title: 'Time', format: duration },
    ],
    rows: parts.flatMap(({ dataset, runs }) =>
      runs.map((run): Record<string, Value> => {
        const bleu4 = run.evaluation?.scores.bleu[3];
        return {
          run: run.dir,
          recipe: run.recipe,
          data: run.evaluation ? `${dataset.name}, ${run.evaluation.split}` : dataset.name,
          parameters: run.parameters,
          epochs: run.epochs.length,
          bleu4: bleu4?.value,
          interval: bleu4 && `${measure(bleu4.interval[0])} to ${measure(bleu4.interval[1])}`,
          seconds: seconds(run),
        };
      }),
    ),
  };
}
