import { type Block, type Column, formula, math, paragraph, strong, type Table } from './blocks.js';
import type { ClassifierRun, Reproduction } from './data.js';
import { count, difference, list, measure, rate } from './format.js';
import { judgedEpoch, ranking } from './judge.js';
import { type Published, publishedEpochs, publishedSizes } from './published.js';
import { bySetup, measureOver, type SeedGroup } from './seeds.js';
import { settingsColumn, toldApart } from './told-apart.js';
import { type Comparison, compare, imageNoise, inQuadrature, seedNoise } from './verdict.js';
import { verdictColumns } from './verdict-table.js';

/** The learning rates beside the report's: numbers, what they are worth, their order, and what became of the runs. */
export function ratesBlocks({ classifier, dataset }: Pick<Reproduction, 'classifier' | 'dataset'>): Block[] {
  const { runs, best, command } = classifier;
  const groups = bySetup(runs);
  const isSeeded = groups.length < runs.length;
  const apart = toldApart(runs);
  return [
    paragraph(isSeeded ? seededRows(groups, apart) : 'One row is one run.'),
    { ...ratesTable(groups, runs[best], apart), command },
    readings,
    ...verdictBlocks(groups, dataset, apart).map((block) => (block.block === 'table' ? { ...block, command } : block)),
    ...rankParagraph(runs),
    ...endParagraphs(runs, isSeeded, apart),
  ];
}

type Rate = SeedGroup<ClassifierRun>;
type Apart = ReturnType<typeof toldApart>;

function seededRows(groups: readonly Rate[], apart: Apart): string {
  const seeds = groups.every(({ runs }) => runs.length > 1) ? 'several seeds' : 'one seed or several';
  return `One row is one rate${apart.size > 0 ? ' with its settings' : ''}, trained under ${seeds}.`;
}

/** Of the rate, and of what tells rows of one rate apart. */
const rateColumns = (apart: Apart): Column[] => [
  { key: 'learningRate', title: 'Rate', format: rate },
  ...(apart.size > 0 ? [settingsColumn] : []),
];

interface Measure {
  readonly key: keyof Published;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  readonly of: (run: ClassifierRun) => number | undefined;
  /** The split that an accuracy is of. */
  readonly split?: 'validation' | 'test';
}

const measures: readonly Measure[] = [
  {
    ...{ key: 'trainingLoss', title: 'Training loss', better: 'lower' },
    of: ({ epochs }) => epochs.at(-1)?.trainLossSinceStart,
  },
  {
    ...{ key: 'validationAccuracy', title: 'Validation accuracy', better: 'higher', split: 'validation' },
    of: (run) => judgedEpoch(run)?.validationAccuracy,
  },
  {
    ...{ key: 'testAccuracy', title: 'Test accuracy', better: 'higher', split: 'test' },
    of: ({ test }) => test?.accuracy,
  },
];

/** One measure of a rate beside the report's. */
export function compareRate(group: Rate, key: keyof Published, { sample, sizes }: Reproduction['dataset']): Comparison {
  const { better, of, split } = measures.find((own) => own.key === key)!;
  const { values, mean: here } = measureOver(group, of);
  const there = group.runs[0]!.reported?.[key];
  const images =
    split !== undefined && here !== undefined && there !== undefined && sizes[split] > 0
      ? imageNoise(here, sizes[split], there, publishedSizes[split])
      : undefined;
  return compare({ here, there, noise: inQuadrature(images, seedNoise(values)), better, comparable: !sample });
}

/** Whose model was tested. */
const testedEpochs = { best: 'the epoch that did best on validation', last: 'the last epoch' };

function ratesTable(groups: readonly Rate[], winner: ClassifierRun | undefined, apart: Apart): Table {
  const runs = groups.flatMap((group) => group.runs);
  const isSeeded = groups.length < runs.length;
  const tested = new Set(runs.flatMap(({ test }) => test?.checkpoint ?? []));
  const isMixed = tested.size > 1;
  const notDone = runs.some(({ state }) => state !== 'done');
  const columns = ({ key, title: group }: Measure): Column[] => [
    { key, title: 'here', group, format: measure, ...(isSeeded && { spread: `${key}Spread` }) },
    { key: `${key}Reported`, title: 'report', group, format: measure },
    ...(isSeeded ? [] : [{ key: `${key}Difference`, title: 'Δ', group, format: difference }]),
  ];
  const marked = groups.findIndex((group) => winner !== undefined && group.runs.includes(winner));
  return {
    block: 'table',
    id: 'learning-rates',
    caption: [
      runs.some(({ reported }) => reported)
        ? 'Each learning rate beside the report’s row. '
        : 'Each learning rate; the report has none of these rows. ',
      'Training loss is the mean over every step since the start; accuracies ',
      `are those of ${isMixed ? 'the epoch that was tested, the best on validation or the last' : testedEpochs[[...tested][0] ?? 'last']}. `,
      isSeeded ? 'Here: mean ± standard deviation over the seeds. ' : 'Δ is here minus report. ',
      winner ? 'The best on validation is marked.' : 'No run came to a result.',
    ],
    columns: [
      ...rateColumns(apart),
      ...(isSeeded ? [{ key: 'seeds', title: 'Seeds', format: count }] : []),
      { key: 'epochs', title: 'Epochs', format: count },
      ...(isMixed ? [{ key: 'tested', title: 'Tested' }] : []),
      ...(notDone ? [{ key: 'state', title: 'State' }] : []),
      ...measures.flatMap(columns),
    ],
    rows: groups.map((group) => ({
      learningRate: group.runs[0]!.learningRate,
      settings: apart.get(group.runs[0]!),
      seeds: group.counted.length,
      epochs: Math.max(...group.runs.map(({ epochs }) => epochs.length)),
      tested: [...new Set(group.runs.flatMap(({ test }) => test?.checkpoint ?? []))].join(', ') || undefined,
      state: [...new Set(group.runs.map(({ state }) => state))].join(', '),
      ...Object.assign({}, ...measures.map((own) => cellsOf(group, own))),
    })),
    ...(marked >= 0 && { marked }),
  };
}

function cellsOf(group: Rate, { key, of }: Measure): Record<string, number | undefined> {
  const { mean, spread } = measureOver(group, of);
  const reported = group.runs[0]!.reported?.[key];
  return {
    [key]: mean,
    [`${key}Spread`]: spread,
    [`${key}Reported`]: reported,
    [`${key}Difference`]: mean === undefined || reported === undefined ? undefined : mean - reported,
  };
}

const readings = paragraph(
  '“Training loss” can be read in two ways. The report’s is the mean over ',
  strong('every step since the start'),
  ', all epochs together, so the high losses of the first steps stay in it to the end; the table compares that with the same mean here. The mean over ',
  strong('one epoch'),
  ' says how well the network fits by then and is lower: the first figure shows both for the best rate.',
);

/** Whether the differences are more than chance makes; nothing where the report has none of the rates. */
function verdictBlocks(groups: readonly Rate[], dataset: Reproduction['dataset'], apart: Apart): Block[] {
  const compared = groups.filter((group) => group.runs[0]!.reported);
  if (compared.length === 0) return [];
  const epochs = Math.max(...compared.flatMap(({ runs }) => runs.map((run) => run.epochs.length)));
  const fewer = epochs < publishedEpochs && !dataset.sample;
  return [
    ...noiseBlocks,
    {
      block: 'table',
      id: 'verdicts',
      caption: [
        'What the differences are worth: Δ is here minus report, and what lies within its noise may be chance. Lower is better for losses, higher for accuracies. ',
        ...(dataset.sample
          ? ['The bundled sample is other and fewer images than the report’s, so nothing here compares with it.']
          : []),
        ...(fewer
          ? [
              `Trained for ${epochs} of the report’s ${publishedEpochs} epochs: the differences are mostly training that was left out.`,
            ]
          : []),
      ],
      columns: [...rateColumns(apart), ...verdictColumns],
      rows: compared.flatMap((group) =>
        measures.map(({ key, title, of }) => ({
          learningRate: group.runs[0]!.learningRate,
          settings: apart.get(group.runs[0]!),
          measure: title,
          here: measureOver(group, of).mean,
          report: group.runs[0]!.reported![key],
          ...compareRate(group, key, dataset),
        })),
      ),
    },
  ];
}

/** How noise is computed, once on a page. */
const noiseBlocks: readonly Block[] = [
  paragraph(strong('Noise'), ' is the half-width of the 95 % interval of a difference if nothing but chance made it: '),
  formula(
    "\\sqrt{z^2 \\left( \\frac{p(1-p)}{n} + \\frac{p'(1-p')}{n'} \\right) + t_{k-1}^2 \\, s^2 \\left( 1 + \\frac{1}{k} \\right)}",
    'the square root of: z squared times, p times one minus p over n, plus p prime times one minus p prime over n prime; plus t of k minus one squared, times s squared, times one plus one over k',
  ),
  paragraph(
    'The first part is what the images leave to chance between an accuracy ',
    ...[math('p'), ' of ', math('n'), ' images and the report’s ', math("p'"), ' of ', math("n' = 10{,}000")],
    ' (',
    ...[
      math('z = 1.96'),
      '; it is computed as if both had been tested on different images, which is the careful side). ',
    ],
    'The second is what seeds do, where a rate was trained under ',
    ...[math('k'), ' of them: ', math('s'), ' is their standard deviation, ', math('t'), ' Student’s quantile, '],
    'and the report’s own training is one more. A training loss has the second part only, so with one seed nothing can be said of it.',
  ),
];

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
function endParagraphs(runs: readonly ClassifierRun[], isSeeded: boolean, apart: Apart): Block[] {
  const said = {
    running: 'has not ended (or was killed)',
    interrupted: 'was interrupted',
    paused: 'was paused, to be gone on with or not',
    diverged: 'diverged: its loss was no longer finite, and it was stopped there',
    failed: 'failed',
    'stopped-early': 'stopped early, because validation no longer improved',
  };
  return runs.flatMap((run) => {
    const { state, learningRate, seed, epochs } = run;
    if (state === 'done') return [];
    const settings = [apart.get(run) ?? [], isSeeded ? `seed ${seed}` : []].flat();
    const which = `${rate(learningRate)}${settings.length > 0 ? ` with ${list(settings)}` : ''}`;
    const after = `, after ${epochs.length} ${epochs.length === 1 ? 'epoch' : 'epochs'}.`;
    return [paragraph(`The run at ${which} ${said[state]}${after}`)];
  });
}
