import type { CaptionerPart, CaptionerRun } from '../../src/report/data.js';
import { publishedCaptioners } from '../../src/report/published.js';
import type { EvaluationFile } from '../../src/train/evaluation-file.js';

/** A decoder of the fixture and what it says; one that looks has sheets. */
export interface Decoder {
  readonly recipe: string;
  readonly bleu4: number;
  readonly looks: boolean;
  readonly caption: string;
  /** Things that its captions name. */
  readonly names?: readonly string[];
  /** Of its first picture. */
  readonly file?: string;
}

/** A fixture like that of the classifier: two decoders with curves, scores and captions. Nothing in it was measured. */
export const captionersFixture = (
  decoders: readonly Decoder[] = [
    { recipe: 'captioner', bleu4: 0.61, looks: false, caption: 'a green river beside a road' },
    {
      ...{ recipe: 'captioner-attention', bleu4: 0.66, looks: true },
      caption: 'a wide river with two bridges runs beside a road',
    },
  ],
): CaptionerPart => ({
  command: 'legenda reproduce --full',
  dataset: {
    name: 'scenes',
    source: 'drawn by this program',
    sample: false,
    digests: {},
    sizes: { train: 2_400, validation: 300, test: 300 },
  },
  runs: decoders.map(run),
});

const run = (decoder: Decoder): CaptionerRun => ({
  dir: `runs/${decoder.recipe}`,
  recipe: decoder.recipe,
  seed: 42,
  setup: decoder.recipe,
  title: decoder.recipe,
  parameters: 4_321_098,
  state: 'done',
  epochs: Array.from({ length: 20 }, (_, i) => ({
    epoch: i + 1,
    trainLoss: 0.7 + 2.2 * Math.exp(-i / (decoder.looks ? 3 : 4)),
    validationBleu4: decoder.bleu4 - 0.3 * Math.exp(-i / 3) + 0.01 * Math.sin(2 * i),
    seconds: 30,
  })),
  reported: publishedCaptioners[decoder.recipe],
  evaluation: evaluation(decoder),
});

const score = (value: number) => ({ value, interval: [value - 0.04, value + 0.04] as const });

const scores = (bleu4: number): EvaluationFile['scores'] => ({
  bleu: [score(bleu4 + 0.2), score(bleu4 + 0.12), score(bleu4 + 0.06), score(bleu4)],
  rougeL: score(bleu4 + 0.1),
  ciderD: score(3 * bleu4),
  distinct: 0.4,
  images: 300,
  references: [5, 5],
});

/** A river and a road, 28×28. */
const picture =
  'data:image/jpeg;base64,/9j/2wBDABsbGxscGx4hIR4qLSgtKj04MzM4PV1CR0JHQl2NWGdYWGdYjX2Xe3N7l33gsJycsOD/2c7Z////////////////2wBDARsbGxscGx4hIR4qLSgtKj04MzM4PV1CR0JHQl2NWGdYWGdYjX2Xe3N7l33gsJycsOD/2c7Z////////////////wgARCAAcABwDASIAAhEBAxEB/8QAGAAAAwEBAAAAAAAAAAAAAAAAAQIDAAT/xAAWAQEBAQAAAAAAAAAAAAAAAAACAwH/2gAMAwEAAhADEAAAACCJSV0d5WDTW9Olor//xAAfEAABAwQDAQAAAAAAAAAAAAABAAIQAxFBUhIhIjH/2gAIAQEAAT8ARF004kmyaMwRR2KYA53o9LjR2KtR2MN+z//EABwRAAEEAwEAAAAAAAAAAAAAABIAAQMxAhAhMv/aAAgBAgEBPwDEiYbUwnxR+JHa9f/EABkRAQEAAwEAAAAAAAAAAAAAAAEAESExYf/aAAgBAwEBPwCOS7LPhf/Z';

const things = ['river', 'road', 'bridge', 'houses', 'trees', 'meadow'];

function evaluation({ bleu4, looks, caption, names = things, file = 'scene-0001.png' }: Decoder): EvaluationFile {
  const words = caption.split(' ');
  const said = { caption, references: ['a river that runs under two bridges, with a road on its left bank'] };
  const attention = looks && { attention: words.map((_, i) => attentionOn(i % 49)) };
  const byWord = names.map((word, i) => ({
    word,
    count: 210 - 17 * i,
    share: 0.4 - 0.04 * i,
    uniform: 0.05 + 0.01 * i,
  }));
  return {
    format: 1,
    step: 4_500,
    split: 'test',
    writing: { beam: 3, consensus: false, maxLength: 30 },
    scores: scores(bleu4),
    nearest: scores(bleu4 - 0.1),
    signature: 'bleu:nltk|smooth:none|tok:blanks|refs:5',
    ...(looks && {
      shares: { words: 812, share: 0.31, uniform: 0.11, ratio: { value: 2.8, interval: [2.6, 3.1] }, byWord },
    }),
    ...(looks && {
      entropy: {
        ...{ regions: 49, mean: 4.1 },
        byWord: names.map((word, i) => ({ word, count: 210 - 17 * i, entropy: 3 + 0.4 * i })),
      },
    }),
    captions: [file, 'scene-0002.png'].map((name) => ({ file: name, ...said })),
    samples: [
      { file, role: 'sample', picture, ...said, ...attention },
      { file: 'scene-0002.png', role: 'wrong', picture, ...said, ...attention },
    ],
  };
}

/** On a grid of 7×7: most on one region, less the farther from it. */
const attentionOn = (region: number): number[] =>
  Array.from({ length: 49 }, (_, i) => {
    const [dx, dy] = [(i % 7) - (region % 7), Math.floor(i / 7) - Math.floor(region / 7)];
    return Math.exp(-(dx * dx + dy * dy) / 3) / 9;
  });
