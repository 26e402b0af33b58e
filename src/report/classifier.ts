import { type Block, em, type Figure, heading, type Inline, paragraph, type Table } from './blocks.js';
import type { ClassifierRun, ExplainedPart, Reproduction } from './data.js';
import { decisionBlocks } from './explanation/decisions.js';
import { layerBlocks } from './explanation/layers.js';
import { shiftBlocks } from './explanation/shifts.js';
import { confusionMatrix } from './figures/confusion.js';
import { curves, type Series } from './figures/curves.js';
import { filterGrid } from './figures/filters.js';
import { commandLine, count, duration, list, measure, rate, slug } from './format.js';
import { publishedEpochs } from './published.js';
import { ratesBlocks } from './rates.js';
import { bySetup, pointsOver, type SeedGroup } from './seeds.js';
import { settingsColumn, toldApart } from './told-apart.js';

/** Experiment 3 after its network: rates compared, curves, filters and confusions. */
export function classifierBlocks({ classifier, dataset }: Pick<Reproduction, 'classifier' | 'dataset'>): Block[] {
  const { runs, best, command } = classifier;
  const winner = runs[best];
  return [
    heading(3, 'learning-rates', 'The learning rate, tuned on validation'),
    ...ratesBlocks({ classifier, dataset }),
    { ...epochsTable(runs), command },
    ...(runs.some(({ epochs }) => epochs.length > 0)
      ? [
          heading(3, 'curves', 'How it learns'),
          ...[lossFigure(runs, best), accuracyFigure(runs, best)].map((figure) => ({ ...figure, command })),
        ]
      : []),
    ...(winner?.confusion ? confusionBlocks(winner, winner.confusion) : []),
    ...(winner ? explainedBlocks(winner, classifier.explained) : []),
  ];
}

/** Filters, which every run has; and what its explanation says. */
function explainedBlocks(winner: ClassifierRun, explained: ExplainedPart | undefined): Block[] {
  const filters = filterFigures(winner);
  if (explained === undefined)
    return filters.length > 0 ? [heading(3, 'filters', 'What the filters look like'), ...filters] : [];
  const { dir, explanation, beside } = explained;
  const name = explanation.filters.length > 0 ? 'with convolutions' : 'without convolutions';
  const own = { dir, name, shifts: explanation.shifts };
  return [
    ...shiftBlocks(beside ? [own, { ...beside, name: 'linear layers alone' }] : [own]),
    ...layerBlocks(explanation, dir, filters),
    ...decisionBlocks(explanation.decisions, dir),
  ];
}

function epochsTable(runs: readonly ClassifierRun[]): Table {
  const apart = toldApart(runs);
  return {
    block: 'table',
    id: 'epochs',
    caption: ['Both training losses, and validation, after every epoch.'],
    folded: 'Every epoch’s numbers',
    columns: [
      { key: 'learningRate', title: 'Rate', format: rate },
      ...(apart.size > 0 ? [settingsColumn] : []),
      ...(new Set(runs.map(({ seed }) => seed)).size > 1 ? [{ key: 'seed', title: 'Seed', format: String }] : []),
      { key: 'epoch', title: 'Epoch', format: count },
      { key: 'trainLoss', title: 'of the epoch', group: 'Training loss', format: measure },
      { key: 'trainLossSinceStart', title: 'since the start', group: 'Training loss', format: measure },
      { key: 'validationLoss', title: 'loss', group: 'Validation', format: measure },
      { key: 'validationAccuracy', title: 'accuracy', group: 'Validation', format: measure },
      { key: 'seconds', title: 'Time', format: duration },
    ],
    rows: runs.flatMap((run) => {
      const { learningRate, seed, epochs } = run;
      return epochs.map((epoch) => ({ learningRate, settings: apart.get(run), seed, ...epoch }));
    }),
  };
}

type Epoch = ClassifierRun['epochs'][number];

/** Labels that tell the groups apart: the rate, and its settings where a rate was run twice. */
function labels(groups: readonly Rate[], best: number): string[] {
  const apart = toldApart(groups.flatMap(({ runs }) => runs));
  return groups.map(({ runs: [first] }, i) => {
    const { learningRate } = first!;
    const twice = groups.some((other, j) => j !== i && other.runs[0]!.learningRate === learningRate);
    const name = [rate(learningRate), twice && apart.get(first!)].filter(Boolean).join(' ');
    return i === best ? `${name} (best)` : name;
  });
}

type Rate = SeedGroup<ClassifierRun>;

function seriesOf(groups: readonly Rate[], best: number, value: (epoch: Epoch) => number): Series[] {
  const names = labels(groups, best);
  const series = groups.map((group, i) => ({
    label: names[i]!,
    ...pointsOver(group, value),
    ...(i === best ? { role: 'best' as const } : {}),
  }));
  // The best comes first in the key.
  return series.sort((a, b) => Number('role' in b) - Number('role' in a));
}

/** A rate's group with the best run in it, and what to say of lines that are means. */
function groupsOf(runs: readonly ClassifierRun[], best: number) {
  const groups = bySetup(runs);
  const at = groups.findIndex((group) => group.runs.includes(runs[best]!));
  const seeds = groups.length < runs.length ? ' Lines are means over the seeds, each seed’s own is thin behind.' : '';
  return { groups, at, winner: groups[at], seeds };
}

function lossFigure(runs: readonly ClassifierRun[], best: number): Figure {
  const { groups, at, winner, seeds } = groupsOf(runs, best);
  const series = seriesOf(groups, at, ({ trainLoss }) => trainLoss);
  if (winner) {
    series.splice(1, 0, {
      label: `${rate(winner.runs[0]!.learningRate)}, since the start`,
      role: 'besideBest',
      points: pointsOver(winner, ({ trainLossSinceStart }) => trainLossSinceStart).points,
    });
  }
  const reported = runs[best]?.reported?.trainingLoss;
  return bothWidths('training-loss', {
    title: 'Training loss by epoch',
    description: describeCurves(series, 'training loss'),
    y: 'training loss',
    series,
    references: reported === undefined ? [] : [{ label: `the report: ${measure(reported)}`, value: reported }],
    caption: [
      'Training loss by epoch and learning rate, the mean over each epoch. Dashed in colour: the mean over every step since the start, at the best rate, ',
      `which is the report’s reading${reported === undefined ? '' : ` (dotted: its value after ${publishedEpochs} epochs)`}.${seeds}`,
    ],
  });
}

function accuracyFigure(runs: readonly ClassifierRun[], best: number): Figure {
  const { groups, at, seeds } = groupsOf(runs, best);
  const series = seriesOf(groups, at, ({ validationAccuracy }) => validationAccuracy);
  const reported = runs[best]?.reported?.validationAccuracy;
  return bothWidths('validation-accuracy', {
    title: 'Validation accuracy by epoch',
    description: describeCurves(series, 'validation accuracy'),
    y: 'validation accuracy',
    series,
    references: reported === undefined ? [] : [{ label: `the report: ${measure(reported)}`, value: reported }],
    caption: [
      'Validation accuracy by epoch, the best rate in colour',
      `${reported === undefined ? '' : `; dotted, the report’s value after ${publishedEpochs} epochs at that rate`}.${seeds}`,
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
  filters.map((bank) => ({
    ...filterFigure(bank, `the rate ${rate(learningRate)}`),
    command: commandLine('legenda', 'explain', 'filters', dir, '--out', 'figures'),
  }));

/** A layer's filters of the first input channel, eight in a row. @param at which run it is */
export function filterFigure({ layer, kernels }: NonNullable<ClassifierRun['filters']>[number], at: string): Figure {
  const title = `The ${kernels.length} filters of ${layer}`;
  const description = `${kernels.length} kernels in grey, eight in a row, each scaled to its own smallest and largest weight.`;
  return {
    block: 'figure',
    id: `filters-${slug(layer)}`,
    title,
    caption: [
      `${title} at ${at} (first input channel), each scaled by itself: its smallest weight is black, its largest white.`,
    ],
    wide: filterGrid({ title, description, kernels }),
  };
}

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
