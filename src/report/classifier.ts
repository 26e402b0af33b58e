import {
  type Block,
  type Column,
  em,
  type Figure,
  heading,
  type Inline,
  paragraph,
  strong,
  type Table,
} from './blocks.js';
import type { ClassifierRun, Reproduction } from './data.js';
import { confusionMatrix } from './figures/confusion.js';
import { curves, type Series } from './figures/curves.js';
import { filterGrid } from './figures/filters.js';
import { commandLine, count, difference, duration, list, measure, rate, slug } from './format.js';
import { judgedEpoch, ranking } from './judge.js';
import { publishedEpochs } from './published.js';

/** Experiment 3 after its network: rates compared, curves, filters and confusions. */
export function classifierBlocks({ classifier }: Reproduction): Block[] {
  const { runs, best, command } = classifier;
  const winner = runs[best];
  return [
    heading(3, 'learning-rates', 'The learning rate, tuned on validation'),
    paragraph('One row is one run.'),
    { ...ratesTable(runs, best), command },
    readings,
    ...rankParagraph(runs),
    ...endParagraphs(runs),
    { ...epochsTable(runs), command },
    ...(runs.some(({ epochs }) => epochs.length > 0)
      ? [
          heading(3, 'curves', 'How it learns'),
          ...[lossFigure(runs, best), accuracyFigure(runs, best)].map((figure) => ({ ...figure, command })),
        ]
      : []),
    ...(winner?.filters?.length ? [heading(3, 'filters', 'What the filters look like'), ...filterFigures(winner)] : []),
    ...(winner?.confusion ? confusionBlocks(winner, winner.confusion) : []),
  ];
}

const compared = (key: string, group: string): Column[] => [
  { key, title: 'here', group, format: measure },
  { key: `${key}Reported`, title: 'report', group, format: measure },
  { key: `${key}Difference`, title: 'Δ', group, format: difference },
];

function ratesTable(runs: readonly ClassifierRun[], best: number): Table {
  const tested = new Set(runs.flatMap(({ test }) => test?.checkpoint ?? []));
  const which = tested.has('best') ? 'the epoch that did best on validation' : 'the last epoch';
  const notDone = runs.some(({ state }) => state !== 'done');
  return {
    block: 'table',
    id: 'learning-rates',
    caption: [
      'Each learning rate beside the report’s row. Training loss is the mean over every step since the start; accuracies ',
      `are those of ${which}. `,
      'Δ is here minus report. ',
      runs[best] ? 'The best on validation is marked.' : 'No run came to a result.',
    ],
    columns: [
      { key: 'learningRate', title: 'Rate', format: rate },
      { key: 'epochs', title: 'Epochs', format: count },
      ...(notDone ? [{ key: 'state', title: 'State' }] : []),
      ...compared('trainingLoss', 'Training loss'),
      ...compared('validationAccuracy', 'Validation accuracy'),
      ...compared('testAccuracy', 'Test accuracy'),
    ],
    rows: runs.map((run) => {
      const { learningRate, epochs, state, test, reported } = run;
      return {
        learningRate,
        epochs: epochs.length,
        state,
        ...beside('trainingLoss', epochs.at(-1)?.trainLossSinceStart, reported?.trainingLoss),
        ...beside('validationAccuracy', judgedEpoch(run)?.validationAccuracy, reported?.validationAccuracy),
        ...beside('testAccuracy', test?.accuracy, reported?.testAccuracy),
      };
    }),
    ...(runs[best] ? { marked: best } : {}),
  };
}

const beside = (key: string, here: number | undefined, reported: number | undefined) => ({
  [key]: here,
  [`${key}Reported`]: reported,
  [`${key}Difference`]: here === undefined || reported === undefined ? undefined : here - reported,
});

const readings = paragraph(
  '“Training loss” can be read in two ways. The report’s is the mean over ',
  strong('every step since the start'),
  ', all epochs together, so the high losses of the first steps stay in it to the end; the table compares that with the same mean here. The mean over ',
  strong('one epoch'),
  ' says how well the network fits by then and is lower: the first figure shows both for the best rate.',
);

function rankParagraph(runs: readonly ClassifierRun[]): Block[] {
  const ranks = ranking(runs);
  if (!ranks) return [paragraph('Too few of the report’s learning rates were run to rank them as it does.')];
  const words = (rates: readonly number[]) => rates.map(rate).join(', ');
  if (ranks.agrees) {
    return [
      paragraph(
        'On validation ',
        strong('the rates rank as in the report'),
        `, from best to worst: ${words(ranks.here)}.`,
      ),
    ];
  }
  const here = `from best to worst ${words(ranks.here)} here, ${words(ranks.report)} there.`;
  return [paragraph('On validation ', strong('the rates do not rank as in the report'), `: ${here}`)];
}

/** What happened to the runs that did not come to their end. */
function endParagraphs(runs: readonly ClassifierRun[]): Block[] {
  const said = {
    running: 'has not ended (or was killed)',
    interrupted: 'was interrupted',
    diverged: 'diverged: its loss was no longer finite, and it was stopped there',
    failed: 'failed',
    'stopped-early': 'stopped early, because validation no longer improved',
  };
  return runs.flatMap(({ state, learningRate, epochs }) => {
    if (state === 'done') return [];
    const after = `, after ${epochs.length} ${epochs.length === 1 ? 'epoch' : 'epochs'}.`;
    return [paragraph(`The run at ${rate(learningRate)} ${said[state]}${after}`)];
  });
}

function epochsTable(runs: readonly ClassifierRun[]): Table {
  return {
    block: 'table',
    id: 'epochs',
    caption: ['Both training losses, and validation, after every epoch.'],
    folded: 'Every epoch’s numbers',
    columns: [
      { key: 'learningRate', title: 'Rate', format: rate },
      { key: 'epoch', title: 'Epoch', format: count },
      { key: 'trainLoss', title: 'of the epoch', group: 'Training loss', format: measure },
      { key: 'trainLossSinceStart', title: 'since the start', group: 'Training loss', format: measure },
      { key: 'validationLoss', title: 'loss', group: 'Validation', format: measure },
      { key: 'validationAccuracy', title: 'accuracy', group: 'Validation', format: measure },
      { key: 'seconds', title: 'Time', format: duration },
    ],
    rows: runs.flatMap(({ learningRate, epochs }) => epochs.map((epoch) => ({ learningRate, ...epoch }))),
  };
}

type Epoch = ClassifierRun['epochs'][number];

/** Labels that tell the runs apart: the rate, and the folder where a rate was run twice. */
function labels(runs: readonly ClassifierRun[], best: number): string[] {
  return runs.map(({ learningRate, dir }, i) => {
    const twice = runs.some((other, j) => j !== i && other.learningRate === learningRate);
    const name = twice ? `${rate(learningRate)} ${dir.split(/[\\/]/).at(-1)}` : rate(learningRate);
    return i === best ? `${name} (best)` : name;
  });
}

function seriesOf(runs: readonly ClassifierRun[], best: number, value: (epoch: Epoch) => number): Series[] {
  const names = labels(runs, best);
  const series = runs.map(({ epochs }, i) => ({
    label: names[i]!,
    points: epochs.map((epoch) => ({ epoch: epoch.epoch, value: value(epoch) })),
    ...(i === best ? { role: 'best' as const } : {}),
  }));
  // The best comes first in the key.
  return series.sort((a, b) => Number('role' in b) - Number('role' in a));
}

function lossFigure(runs: readonly ClassifierRun[], best: number): Figure {
  const winner = runs[best];
  const series = seriesOf(runs, best, ({ trainLoss }) => trainLoss);
  if (winner) {
    series.splice(1, 0, {
      label: `${rate(winner.learningRate)}, since the start`,
      role: 'besideBest',
      points: winner.epochs.map(({ epoch, trainLossSinceStart }) => ({ epoch, value: trainLossSinceStart })),
    });
  }
  const reported = winner?.reported?.trainingLoss;
  return bothWidths('training-loss', {
    title: 'Training loss by epoch',
    description: describeCurves(series, 'training loss'),
    y: 'training loss',
    series,
    references: reported === undefined ? [] : [{ label: `the report: ${measure(reported)}`, value: reported }],
    caption: [
      'Training loss by epoch and learning rate, the mean over each epoch. Dashed in colour: the mean over every step since the start, at the best rate, ',
      `which is the report’s reading${reported === undefined ? '' : ` (dotted: its value after ${publishedEpochs} epochs)`}.`,
    ],
  });
}

function accuracyFigure(runs: readonly ClassifierRun[], best: number): Figure {
  const series = seriesOf(runs, best, ({ validationAccuracy }) => validationAccuracy);
  const reported = runs[best]?.reported?.validationAccuracy;
  return bothWidths('validation-accuracy', {
    title: 'Validation accuracy by epoch',
    description: describeCurves(series, 'validation accuracy'),
    y: 'validation accuracy',
    series,
    references: reported === undefined ? [] : [{ label: `the report: ${measure(reported)}`, value: reported }],
    caption: [
      'Validation accuracy by epoch, the best rate in colour',
      reported === undefined ? '.' : `; dotted, the report’s value after ${publishedEpochs} epochs at that rate.`,
    ],
  });
}

function bothWidths(id: string, { caption, ...figure }: Parameters<typeof curves>[0] & { caption: Inline[] }): Figure {
  const narrow = curves({ ...figure, width: 360 });
  return { block: 'figure', id, title: figure.title, caption, wide: curves(figure), narrow };
}

/** For those who do not see it: where each line ends. */
const describeCurves = (series: readonly Series[], what: string): string =>
  `Lines of ${what} by epoch. ${list(
    series.flatMap(({ label, points }) => {
      const last = points.at(-1);
      return last ? [`${label}: ${measure(last.value)} after epoch ${last.epoch}`] : [];
    }),
  )}.`;

const filterFigures = ({ filters = [], learningRate, dir }: ClassifierRun): Figure[] =>
  filters.map(({ layer, kernels }) => {
    const title = `The ${kernels.length} filters of ${layer}`;
    const description = `${kernels.length} kernels in grey, eight in a row, each scaled to its own smallest and largest weight.`;
    return {
      block: 'figure',
      id: `filters-${slug(layer)}`,
      title,
      caption: [
        `${title} at the rate ${rate(learningRate)} (first input channel), each scaled by itself: its smallest weight is black, its largest white.`,
      ],
      wide: filterGrid({ title, description, kernels }),
      command: reportOf(dir),
    };
  });

const reportOf = (dir: string): string => commandLine('legenda', 'report', dir);

function confusionBlocks(run: ClassifierRun, { classes, counts }: NonNullable<ClassifierRun['confusion']>): Block[] {
  const mistakes = counts
    .flatMap((row, i) => row.map((number, j) => ({ i, j, number, of: row.reduce((sum, own) => sum + own, 0) })))
    .filter(({ i, j, number }) => i !== j && number > 0)
    .sort((a, b) => b.number / b.of - a.number / a.of);
  const name = (i: number) => classes[i] ?? String(i);
  const said = mistakes
    .slice(0, 3)
    .map(({ i, j, number, of }) => `${name(i)} for ${name(j)} (${count(number)} of ${count(of)})`);
  const title = 'Confusion matrix on the test images';
  const description = said.length > 0 ? `Most often it takes ${list(said)}.` : 'It makes no mistakes.';
  const figure = { title, description, classes, counts };
  return [
    heading(3, 'confusions', 'What it takes for what'),
    paragraph('Most often it takes ', ...(said.length > 0 ? [em(list(said)), '.'] : ['nothing for anything else.'])),
    {
      block: 'figure',
      id: 'confusion',
      title,
      caption: [
        `Test images at the rate ${rate(run.learningRate)} by what they show (rows) and what they were taken for (columns). In colour, right answers; in grey, mistakes; the stronger, the larger the share of the row.`,
      ],
      wide: confusionMatrix(figure),
      narrow: confusionMatrix({ ...figure, width: 360 }),
      command: reportOf(run.dir),
    },
  ];
}
