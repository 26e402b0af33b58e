import type { EvaluationFile } from '../train/evaluation-file.js';
import type { Column, Table } from './blocks.js';
import type { CaptionerPart, CaptionerRun } from './data.js';
import { count, measure } from './format.js';
import type { PublishedCaptioner } from './published.js';
import { bySetup, type Measured, measureOver, type SeedGroup } from './seeds.js';
import { compare, inQuadrature, intervalNoise, seedNoise } from './verdict.js';
import { verdictColumns } from './verdict-table.js';

/** A decoder, under one seed or several. */
export type Decoder = SeedGroup<CaptionerRun>;

/** Short names of decoders, for keys and rows. */
export const shortName = ({ recipe }: CaptionerRun): string =>
  ({ captioner: 'without attention', 'captioner-attention': 'with attention' })[recipe] ?? recipe;

const isSydney = ({ dataset }: Pick<CaptionerPart, 'dataset'>): boolean => dataset.name === 'sydney-captions';

interface Measure {
  readonly key: keyof PublishedCaptioner;
  readonly title: (tested: string) => string;
  readonly better: 'higher' | 'lower';
  readonly of: (run: CaptionerRun) => number | undefined;
}

const bleu4 = ({ evaluation }: CaptionerRun) => evaluation?.scores.bleu[3];

const measures: readonly Measure[] = [
  { key: 'trainingLoss', title: () => 'Training loss', better: 'lower', of: ({ epochs }) => epochs.at(-1)?.trainLoss },
  { key: 'validationBleu4', title: () => 'Validation BLEU-4', better: 'higher', of: bestValidation },
  { key: 'testBleu4', title: (tested) => `BLEU-4, ${tested}`, better: 'higher', of: (run) => bleu4(run)?.value },
];

function bestValidation({ epochs }: CaptionerRun): number | undefined {
  const measured = epochs.map(({ validationBleu4 }) => validationBleu4).filter(Number.isFinite);
  return measured.length > 0 ? Math.max(...measured) : undefined;
}

/** BLEU-4 on the split that the runs were evaluated on. */
export const testScore = (group: Decoder): Measured => measureOver(group, (run) => bleu4(run)?.value);

/** The split that the runs were evaluated on. */
export const testedOn = (runs: readonly CaptionerRun[]): 'test' | 'validation' =>
  runs.some(({ evaluation }) => evaluation?.split === 'val') ? 'validation' : 'test';

/** The report's columns. */
export function reportTable(part: CaptionerPart): Table {
  const { runs } = part;
  const groups = bySetup(runs);
  const isSeeded = groups.length < runs.length;
  const tested = testedOn(runs);
  const columns = ({ key, title }: Measure): Column[] => {
    const shared = { group: title(tested), format: measure };
    return [
      { key, title: 'here', ...shared, ...(isSeeded && { spread: `${key}Spread` }) },
      { key: `${key}Reported`, title: 'report', ...shared },
    ];
  };
  return {
    block: 'table',
    id: 'captioners',
    caption: [
      'The decoders beside the report’s rows',
      isSydney(part) ? '' : ' (which are of Sydney-Captions, other images)',
      `. Training loss is the last epoch’s mean, validation the best epoch’s BLEU-4; that epoch’s parameters are scored on ${tested}.`,
      isSeeded ? ' Here: mean ± standard deviation over the seeds.' : '',
    ],
    columns: [
      { key: 'decoder', title: 'Decoder' },
      ...(isSeeded ? [{ key: 'seeds', title: 'Seeds', format: count }] : []),
      { key: 'epochs', title: 'Epochs', format: count },
      ...measures.flatMap(columns),
    ],
    rows: groups.map((group) => ({
      decoder: shortName(group.runs[0]!),
      seeds: group.counted.length,
      epochs: Math.max(...group.runs.map(({ epochs }) => epochs.length)),
      ...Object.assign({}, ...measures.map((own) => cellsOf(group, own))),
    })),
  };
}

function cellsOf(group: Decoder, { key, of }: Measure): Record<string, number | undefined> {
  const { mean, spread } = measureOver(group, of);
  return { [key]: mean, [`${key}Spread`]: spread, [`${key}Reported`]: group.runs[0]!.reported?.[key] };
}

/** What the differences to the report are worth; nothing where it has no such decoder. */
export function verdictTable(part: CaptionerPart): Table[] {
  const compared = bySetup(part.runs).filter(({ runs }) => runs[0]!.reported);
  if (compared.length === 0) return [];
  const tested = testedOn(part.runs);
  const noise = ({ counted }: Decoder, { key }: Measure, values: readonly number[]): number | undefined => {
    const interval = key === 'testBleu4' ? counted.map(bleu4).find((own) => own)?.interval : undefined;
    return inQuadrature(interval && intervalNoise(interval), seedNoise(values));
  };
  return [
    {
      block: 'table',
      id: 'caption-verdicts',
      caption: [
        'What the differences are worth. Δ is here minus report. ',
        isSydney(part)
          ? 'The noise of BLEU-4 is half of its bootstrap interval, with the report’s taken to be as wide, and what seeds do where there are several.'
          : 'BLEU and losses of other images do not compare.',
      ],
      columns: [{ key: 'decoder', title: 'Decoder' }, ...verdictColumns],
      rows: compared.flatMap((group) =>
        measures.map((own) => {
          const { mean: here, values } = measureOver(group, own.of);
          const there = group.runs[0]!.reported![own.key];
          const comparable = isSydney(part) && !(own.key === 'testBleu4' && tested === 'validation');
          return {
            decoder: shortName(group.runs[0]!),
            measure: own.title(tested),
            here,
            report: there,
            ...compare({ here, there, noise: noise(group, own, values), better: own.better, comparable }),
          };
        }),
      ),
    },
  ];
}

/** What the report does not say of its captions. */
export function scoresTable({ runs }: CaptionerPart): Table {
  const columns = {
    bleu4: 'BLEU-4',
    low: 'from',
    high: 'to',
    rougeL: 'ROUGE-L',
    ciderD: 'CIDEr-D',
    distinct: 'Distinct',
  };
  const isSeeded = bySetup(runs).length < runs.length;
  const nameOf = (run: CaptionerRun) => `${shortName(run)}${isSeeded ? `, seed ${run.seed}` : ''}`;
  const row = (name: string, { bleu, rougeL, ciderD, distinct }: EvaluationFile['scores']) => ({
    captions: name,
    bleu4: bleu[3].value,
    low: bleu[3].interval[0],
    high: bleu[3].interval[1],
    rougeL: rougeL.value,
    ciderD: ciderD.value,
    distinct,
  });
  return {
    block: 'table',
    id: 'caption-scores',
    caption: [
      `Scores on ${testedOn(runs)} with BLEU-4’s 95 % bootstrap interval, and the share of captions that differ from one another. “Copied” captions are the first ones of the training images whose features are most alike.`,
    ],
    columns: [
      { key: 'captions', title: 'Captions' },
      ...Object.entries(columns).map(([key, title]) => ({ key, title, format: measure })),
    ],
    rows: runs.flatMap((run) =>
      run.evaluation
        ? [row(nameOf(run), run.evaluation.scores), row(`copied, features ${nameOf(run)}`, run.evaluation.nearest)]
        : [],
    ),
  };
}
