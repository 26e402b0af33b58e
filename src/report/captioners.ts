import { attentionSheet } from '../explain/attention-sheet.js';
import type { EvaluationFile } from '../train/evaluation-file.js';
import { type Block, callout, code, type Figure, heading, paragraph, strong, type Table } from './blocks.js';
import type { CaptionerPart, CaptionerRun } from './data.js';
import { curves } from './figures/curves.js';
import { attentionShareFigure } from './figures/shares.js';
import { count, difference, measure } from './format.js';

/** Experiment 4: caption decoders compared, their curves, where they look, and what they say. */
export function captionerBlocks(part: CaptionerPart): Block[] {
  const { runs, command } = part;
  const blocks: Block[] = [
    heading(2, 'experiment-4', 'Experiment 4: captions for aerial images'),
    ...intro(part),
    reportTable(part),
    ...verdict(runs),
    ...(runs.some(({ evaluation }) => evaluation) ? [scoresTable(part)] : []),
    ...(runs.some(({ epochs }) => epochs.length > 0)
      ? [
          heading(3, 'caption-curves', 'How they learn'),
          curveFigure(runs, lossText, ({ trainLoss }) => trainLoss),
          curveFigure(runs, bleuText, ({ validationBleu4 }) => validationBleu4),
        ]
      : []),
    ...shareBlocks(runs),
    ...sampleBlocks(runs, 'sample'),
    ...sampleBlocks(runs, 'wrong'),
    ...runs.flatMap(({ evaluation }) =>
      evaluation ? [{ ...paragraph('Scored as ', code(evaluation.signature), '.'), role: 'source' as const }] : [],
    ),
  ];
  return blocks.map((block) => (block.block === 'table' || block.block === 'figure' ? { ...block, command } : block));
}

/** Short names of decoders, for keys and rows. */
const shortName = ({ recipe }: CaptionerRun): string =>
  ({ captioner: 'without attention', 'captioner-attention': 'with attention' })[recipe] ?? recipe;

const capitalised = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

const isSydney = ({ dataset }: CaptionerPart): boolean => dataset.name === 'sydney-captions';

function intro({ dataset }: CaptionerPart): Block[] {
  const { train, validation, test } = dataset.sizes;
  const sizes = `${count(train)} images to train on, ${count(validation)} for validation, ${count(test)} for the test`;
  const blocks: Block[] = [];
  if (dataset.name === 'scenes') {
    blocks.push(
      callout(
        'Not the report’s images.',
        'The report learned from Sydney-Captions, photographs that are not part of this program. These decoders learned from scenes that the program draws, which anyone can make again; their BLEU does not compare with the report’s. A caption set of your own takes the place of the scenes: ',
        code('legenda data import sydney-captions PATH'),
        '.',
      ),
    );
  }
  blocks.push(
    paragraph(
      `A recurrent network (LSTM) writes a sentence about an image, word by word: once from the image’s features alone, and once looking at the regions of the image before every word (additive attention). Here on ${dataset.name}: ${sizes}.`,
    ),
  );
  return blocks;
}

/** The report's columns. */
function reportTable(part: CaptionerPart): Table {
  const tested = testedOn(part.runs);
  const own = (key: string, group: string) => ({ key, title: 'here', group, format: measure });
  const theirs = (key: string, group: string) => ({ key: `${key}Reported`, title: 'report', group, format: measure });
  const both = (key: string, group: string) => [own(key, group), theirs(key, group)];
  return {
    block: 'table',
    id: 'captioners',
    caption: [
      'The decoders beside the report’s rows',
      isSydney(part) ? '' : ' (which are of Sydney-Captions, other images)',
      `. Training loss is the last epoch’s mean, validation the best epoch’s BLEU-4; that epoch’s parameters are scored on ${tested}.`,
    ],
    columns: [
      { key: 'decoder', title: 'Decoder' },
      { key: 'epochs', title: 'Epochs', format: count },
      ...both('trainingLoss', 'Training loss'),
      ...both('validation', 'Validation BLEU-4'),
      ...both('test', `BLEU-4, ${tested}`),
    ],
    rows: part.runs.map((run) => ({
      decoder: shortName(run),
      epochs: run.epochs.length,
      trainingLoss: run.epochs.at(-1)?.trainLoss,
      trainingLossReported: run.reported?.trainingLoss,
      validation: bestValidation(run),
      validationReported: run.reported?.validationBleu4,
      test: bleu4(run.evaluation)?.value,
      testReported: run.reported?.testBleu4,
    })),
  };
}

/** What the report does not say of its captions. */
function scoresTable({ runs }: CaptionerPart): Table {
  const columns = {
    bleu4: 'BLEU-4',
    low: 'from',
    high: 'to',
    rougeL: 'ROUGE-L',
    ciderD: 'CIDEr-D',
    distinct: 'Distinct',
  };
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
        ? [
            row(shortName(run), run.evaluation.scores),
            row(`copied, features ${shortName(run)}`, run.evaluation.nearest),
          ]
        : [],
    ),
  };
}

const bleu4 = (evaluation: Pick<EvaluationFile, 'scores'> | undefined) => evaluation?.scores.bleu[3];

const testedOn = (runs: readonly CaptionerRun[]): string =>
  runs.some(({ evaluation }) => evaluation?.split === 'val') ? 'validation' : 'test';

function bestValidation({ epochs }: CaptionerRun): number | undefined {
  const measured = epochs.map(({ validationBleu4 }) => validationBleu4).filter(Number.isFinite);
  return measured.length > 0 ? Math.max(...measured) : undefined;
}

/** Whether looking helps, as in the report. */
function verdict(runs: readonly CaptionerRun[]): Block[] {
  const find = (name: string) => runs.find(({ recipe }) => recipe === name);
  const [plain, attending] = [find('captioner'), find('captioner-attention')];
  const [without, with_] = [bleu4(plain?.evaluation), bleu4(attending?.evaluation)];
  if (without === undefined || with_ === undefined) return [];
  const gain = with_.value - without.value;
  const reported = attending!.reported!.testBleu4 - plain!.reported!.testBleu4;
  const apart = with_.interval[0] > without.interval[1] || without.interval[0] > with_.interval[1];
  return [
    paragraph(
      strong(gain > 0 ? 'Looking at the regions helps' : 'Looking at the regions does not help here'),
      `: BLEU-4 changes by ${difference(gain)} with attention (the report: ${difference(reported)}). `,
      apart ? 'The intervals of both do not overlap.' : 'The intervals of both overlap.',
    ),
  ];
}

interface CurveText {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly y: string;
  readonly caption: string;
}

/** A line for each decoder. */
function curveFigure(
  runs: readonly CaptionerRun[],
  { id, caption, ...text }: CurveText,
  value: (epoch: CaptionerRun['epochs'][number]) => number,
): Figure {
  const series = runs.map((run) => ({
    label: shortName(run),
    points: run.epochs.map((epoch) => ({ epoch: epoch.epoch, value: value(epoch) })),
    ...(run.recipe === 'captioner-attention' && { role: 'best' as const }),
  }));
  const figure = { ...text, series };
  return {
    ...{ block: 'figure', id, title: text.title, caption: [caption] },
    ...{ wide: curves(figure), narrow: curves({ ...figure, width: 360 }) },
  };
}

const lossText: CurveText = {
  id: 'caption-loss',
  title: 'Training loss of the decoders by epoch',
  description: 'Mean cross-entropy of a word over each epoch, a line for each decoder.',
  y: 'training loss, nats a word',
  caption: 'Training loss by epoch: what the next word costs, on average over each epoch.',
};

const bleuText: CurveText = {
  id: 'caption-bleu',
  title: 'BLEU-4 of the decoders on validation by epoch',
  description: 'BLEU-4 of the captions of the validation images after each epoch, a line for each decoder.',
  y: 'validation BLEU-4',
  caption: 'BLEU-4 of the validation images’ captions after each epoch, against all their references.',
};

/** Words that are drawn. */
const wordsShown = 14;

function shareBlocks(runs: readonly CaptionerRun[]): Block[] {
  return runs.flatMap(({ evaluation }) => {
    const shares = evaluation?.shares;
    if (shares === undefined) return [];
    const { ratio, words, share, uniform, byWord } = shares;
    const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
    const figure = {
      title: 'Attention on what words name',
      description: `For each word that names a thing, the part of the picture that the thing covers and the part of the attention that fell on it. Overall ${percent(uniform)} and ${percent(share)}.`,
      words: byWord.slice(0, wordsShown),
    };
    return [
      heading(3, 'attention', 'Where the decoder looks'),
      paragraph(
        'The scenes come with masks that say where each thing is. ',
        strong(
          `A word that names a thing puts ${ratio.value.toFixed(2)} times as much attention on it as chance would`,
        ),
        ` (95 % interval ${ratio.interval[0].toFixed(2)} to ${ratio.interval[1].toFixed(2)}): ${percent(share)} of the attention on ${percent(uniform)} of the picture, over ${count(words)} words of the captions that it wrote itself.`,
      ),
      {
        block: 'figure' as const,
        id: 'attention-shares',
        title: figure.title,
        caption: [
          'The most frequent words that name things (how often they were written): the part of the picture that the thing covers, and the part of the attention that fell on it when the word was written.',
        ],
        wide: attentionShareFigure(figure),
        narrow: attentionShareFigure({ ...figure, width: 360 }),
      },
    ];
  });
}

/** Images with what the decoders said of them; the sheet is of the one that looks. */
function sampleBlocks(runs: readonly CaptionerRun[], role: 'sample' | 'wrong'): Block[] {
  const evaluated = runs.flatMap((run) => (run.evaluation ? [{ run, evaluation: run.evaluation }] : []));
  const shown =
    evaluated.find(({ evaluation }) => evaluation.samples.some(({ attention }) => attention)) ?? evaluated[0];
  const samples = shown?.evaluation.samples.filter((sample) => sample.role === role) ?? [];
  if (samples.length === 0) return [];
  const title = role === 'sample' ? 'What they say' : 'Captions that went wrong';
  const figures = samples.map((sample, i): Figure => {
    const { file, caption, references, picture, attention } = sample;
    const others = evaluated.flatMap(({ run, evaluation }) => {
      const said = run === shown!.run ? caption : evaluation.captions.find((one) => one.file === file)?.caption;
      return said === undefined ? [] : [`${capitalised(shortName(run))}: `, strong(said), '. '];
    });
    const words = caption.split(' ').map((word, at) => ({ word, attention: attention?.[at] ?? [] }));
    const sheet = (columns: number) =>
      attentionSheet({
        id: `picture-${role}-${i + 1}-${columns}`,
        title: `${file}: ${caption}`,
        picture,
        words: attention ? words : [],
        columns,
      });
    return {
      block: 'figure',
      id: `${role}-${i + 1}`,
      title: `${file}, word by word`,
      caption: [code(file), '. ', ...others, 'People: ', references[0] ?? 'nothing', '.'],
      wide: sheet(6),
      narrow: sheet(3),
    };
  });
  const said =
    role === 'sample'
      ? 'Images of the test, not chosen by how well they went, with the regions that were looked at for each word left bright.'
      : 'The captions that are least like anything that people said of the image.';
  return [heading(3, `captions-${role}`, title), paragraph(said), ...figures];
}
