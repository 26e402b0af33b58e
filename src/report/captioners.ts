import { attentionSheet } from '../explain/attention/sheet.js';
import { attentionBlocks } from './attention.js';
import { type Block, callout, code, type Figure, heading, paragraph, strong } from './blocks.js';
import { type Decoder, reportTable, scoresTable, shortName, testScore, verdictTable } from './captioner-tables.js';
import type { CaptionerPart, CaptionerRun } from './data.js';
import { curves } from './figures/curves.js';
import { count, difference } from './format.js';
import { bySetup, pointsOver } from './seeds.js';

/** Caption decoders compared, their curves, where they look, and what they say. @param title of the chapter */
export function captionerBlocks(part: CaptionerPart, title = 'Experiment 4: captions for aerial images'): Block[] {
  const { runs, command } = part;
  const groups = bySetup(runs);
  const firsts = groups.map(({ counted }) => counted[0]!);
  const signatures = new Set(runs.flatMap(({ evaluation }) => evaluation?.signature ?? []));
  const blocks: Block[] = [
    heading(2, 'experiment-4', title),
    ...intro(part),
    reportTable(part),
    ...verdictTable(part),
    ...attentionParagraph(groups),
    ...(runs.some(({ evaluation }) => evaluation) ? [scoresTable(part)] : []),
    ...(runs.some(({ epochs }) => epochs.length > 0)
      ? [
          heading(3, 'caption-curves', 'How they learn'),
          curveFigure(groups, lossText, ({ trainLoss }) => trainLoss),
          curveFigure(groups, bleuText, ({ validationBleu4 }) => validationBleu4),
        ]
      : []),
    ...attentionBlocks(firsts),
    ...sampleBlocks(firsts, 'sample'),
    ...sampleBlocks(firsts, 'wrong'),
    ...[...signatures].map((signature) => ({
      ...paragraph('Scored as ', code(signature), '.'),
      role: 'source' as const,
    })),
  ];
  return blocks.map((block) => (block.block === 'table' || block.block === 'figure' ? { ...block, command } : block));
}

const capitalised = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** How the decoders that are here come by a sentence. */
function waysOf(runs: readonly CaptionerRun[]): string {
  const attends = runs.map(({ recipe }) => recipe !== 'captioner');
  const [alone, looking] = [
    'from the image’s features alone',
    'looking at the regions of the image before every word (additive attention)',
  ];
  if (attends.includes(false) && attends.includes(true)) return `once ${alone}, and once ${looking}`;
  return attends.includes(true) ? looking : alone;
}

function intro({ dataset, runs }: CaptionerPart): Block[] {
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
      `A recurrent network (LSTM) writes a sentence about an image, word by word, ${waysOf(runs)}. Here on ${dataset.name}: ${sizes}.`,
    ),
  );
  return blocks;
}

/** Whether looking helps, as in the report. */
function attentionParagraph(groups: readonly Decoder[]): Block[] {
  const find = (name: string) => groups.find(({ runs }) => runs[0]!.recipe === name);
  const [plain, attending] = [find('captioner'), find('captioner-attention')];
  if (plain === undefined || attending === undefined) return [];
  const [without, with_] = [testScore(plain), testScore(attending)];
  if (without.mean === undefined || with_.mean === undefined) return [];
  const gain = with_.mean - without.mean;
  const reported = attending.runs[0]!.reported!.testBleu4 - plain.runs[0]!.reported!.testBleu4;
  return [
    paragraph(
      strong(gain > 0 ? 'Looking at the regions helps' : 'Looking at the regions does not help here'),
      `: BLEU-4 changes by ${difference(gain)} with attention (the report: ${difference(reported)}). `,
      `${overlap(plain, attending)}.`,
    ),
  ];
}

/** Of one seed each the bootstrap intervals, of several what the seeds came to. */
function overlap(plain: Decoder, attending: Decoder): string {
  const one = testScore(plain).values.length < 2 || testScore(attending).values.length < 2;
  const ranges = [plain, attending].map((group) => {
    const { values } = testScore(group);
    const interval = group.counted.find(({ evaluation }) => evaluation)!.evaluation!.scores.bleu[3].interval;
    return one ? interval : ([Math.min(...values), Math.max(...values)] as const);
  });
  const [a, b] = ranges as [readonly [number, number], readonly [number, number]];
  const apart = a[0] > b[1] || b[0] > a[1];
  if (one) return apart ? 'The intervals of both do not overlap' : 'The intervals of both overlap';
  return apart
    ? 'Every seed of the one is above every seed of the other'
    : 'Some seeds of the one are above some of the other';
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
  groups: readonly Decoder[],
  { id, caption, ...text }: CurveText,
  value: (epoch: CaptionerRun['epochs'][number]) => number,
): Figure {
  const series = groups.map((group) => ({
    label: shortName(group.runs[0]!),
    ...pointsOver(group, value),
    ...(group.runs[0]!.recipe === 'captioner-attention' && { role: 'best' as const }),
  }));
  const seeds = groups.some(({ counted }) => counted.length > 1)
    ? [' Lines are means over the seeds, each seed’s own is thin behind.']
    : [];
  const figure = { ...text, series };
  return {
    ...{ block: 'figure', id, title: text.title, caption: [caption, ...seeds] },
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
  const attends = samples.some(({ attention }) => attention);
  const said =
    role === 'sample'
      ? `Images of the test, not chosen by how well they went${attends ? ', with the regions that were looked at for each word left bright' : ''}.`
      : 'The captions that are least like anything that people said of the image.';
  return [heading(3, `captions-${role}`, title), paragraph(said), ...figures];
}
