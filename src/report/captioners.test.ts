import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { reproductionFixture } from '../../test/support/reproduction.js';
import type { EvaluationFile } from '../train/evaluation-file.js';
import type { CaptionerPart, CaptionerRun } from './data.js';
import { publishedCaptioners } from './published.js';
import { renderReproduction } from './reproduction.js';

const score = (value: number) => ({ value, interval: [value - 0.05, value + 0.05] as [number, number] });

const scores = (bleu4: number): EvaluationFile['scores'] => ({
  bleu: [score(0.8), score(0.7), score(0.6), score(bleu4)],
  rougeL: score(0.61),
  ciderD: score(1.2),
  distinct: 0.5,
  images: 2,
  references: [5, 5],
});

const picture = 'data:image/jpeg;base64,AAAA';

function evaluation(bleu4: number, caption: string, attends: boolean): EvaluationFile {
  const said = { caption, references: ['a river', 'a green river'] };
  const attention = caption.split(' ').map(() => [0.1, 0.2, 0.3, 0.4]);
  const sample = (file: string, role: 'sample' | 'wrong') => ({
    ...{ file, role, picture, ...said },
    ...(attends && { attention }),
  });
  return {
    format: 1,
    step: 10,
    split: 'test',
    writing: { beam: 1, consensus: false, maxLength: 30 },
    scores: scores(bleu4),
    nearest: scores(0.3),
    signature: 'bleu:nltk|tok:blanks',
    ...(attends && {
      shares: {
        words: 7,
        share: 0.4,
        uniform: 0.1,
        ratio: { value: 4, interval: [3, 5] as [number, number] },
        byWord: [{ word: 'river', count: 7, share: 0.4, uniform: 0.1 }],
      },
    }),
    captions: ['a.png', 'b.png'].map((file) => ({ file, ...said })),
    samples: [sample('a.png', 'sample'), sample('b.png', 'wrong')],
  };
}

const run = (recipe: string, more: Partial<CaptionerRun>): CaptionerRun => ({
  dir: `runs/${recipe}`,
  seed: 42,
  setup: recipe,
  recipe,
  title: recipe,
  parameters: 1000,
  state: 'done',
  epochs: [
    { epoch: 1, trainLoss: 1.5, validationBleu4: 0.41, seconds: 1 },
    { epoch: 2, trainLoss: 0.9, validationBleu4: 0.4, seconds: 1 },
  ],
  reported: publishedCaptioners[recipe],
  ...more,
});

const part: CaptionerPart = {
  command: 'legenda reproduce --quick',
  dataset: { ...reproductionFixture().dataset, name: 'scenes', sizes: { train: 800, validation: 100, test: 100 } },
  runs: [
    run('captioner', { evaluation: evaluation(0.36, 'a road', false) }),
    run('captioner-attention', { evaluation: evaluation(0.5, 'a green river', true) }),
  ],
};

const render = (captioners: CaptionerPart) => renderReproduction({ ...reproductionFixture(), captioners });
const textOf = (captioners: CaptionerPart) =>
  (parseHTML(render(captioners).html).document.body.textContent ?? '').replace(/\s+/g, ' ');

describe('the page about captions', () => {
  it('sets both decoders beside the report’s rows, with scores, intervals and copying', () => {
    const { tables } = render(part);
    expect(tables['captioners']!.csv.trimEnd().split('\r\n')).toEqual([
      'decoder,epochs,trainingLoss,trainingLossReported,validationBleu4,validationBleu4Reported,testBleu4,testBleu4Reported',
      'without attention,2,0.9,0.8908,0.41,0.4921,0.36,0.515',
      'with attention,2,0.9,0.842,0.41,0.5283,0.5,0.5349',
    ]);
    expect(
      tables['caption-scores']!.csv.trimEnd()
        .split('\r\n')
        .map((line) => line.split(',').slice(0, 2)),
    ).toEqual([
      ['captions', 'bleu4'],
      ['without attention', '0.36'],
      ['"copied', ' features without attention"'],
      ['with attention', '0.5'],
      ['"copied', ' features with attention"'],
    ]);
    const text = textOf(part);
    expect(text).toContain('which are of Sydney-Captions, other images');
    expect(text).toContain('Not the report’s images.');
    expect(text).toContain(
      'Looking at the regions helps: BLEU-4 changes by +0.1400 with attention (the report: +0.0199).',
    );
    expect(text).toContain('The intervals of both do not overlap.');
    expect(text).toContain('Scored as bleu:nltk|tok:blanks.');
  });

  it('compares with the report on its own images only', () => {
    const verdicts = (captioners: CaptionerPart) =>
      (JSON.parse(render(captioners).tables['caption-verdicts']!.json) as Record<string, unknown>[]).map(
        ({ noise, verdict }) => [noise, verdict],
      );
    expect(verdicts(part)).toEqual(Array.from({ length: 6 }, () => [null, 'not comparable']));
    const sydney = { ...part, dataset: { ...part.dataset, name: 'sydney-captions' } };
    const noise = expect.closeTo(0.05 * Math.SQRT2);
    const unknown = [null, null];
    expect(verdicts(sydney)).toEqual([unknown, unknown, [noise, 'worse'], unknown, unknown, [noise, 'within noise']]);
  });

  it('has a row for each decoder under several seeds, their means and spread', () => {
    const seeds = [1, 2, 3];
    const seeded = part.runs.flatMap((one, k) =>
      seeds.map((seed) => ({
        ...one,
        dir: `${one.dir}-${seed}`,
        seed,
        evaluation: { ...evaluation(0.4 + 0.1 * k + 0.01 * seed, `said by ${seed}`, k === 1), signature: 'bleu:nltk' },
      })),
    );
    const dataset = { ...part.dataset, name: 'sydney-captions' };
    const { tables, html } = render({ ...part, dataset, runs: seeded });
    const rows = JSON.parse(tables['captioners']!.json) as Record<string, number | string>[];
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ decoder: 'without attention', seeds: 3 });
    expect(rows[0]!['testBleu4']).toBeCloseTo(0.42);
    expect(rows[0]!['testBleu4Spread']).toBeCloseTo(0.01);
    expect(JSON.parse(tables['caption-verdicts']!.json)[2].noise).toBeCloseTo(
      Math.hypot(0.05 * Math.SQRT2, 4.30265 * 0.01 * Math.sqrt(4 / 3)),
    );
    expect(JSON.parse(tables['caption-scores']!.json)).toHaveLength(12);
    const { document } = parseHTML(html);
    const text = (document.body.textContent ?? '').replace(/\s+/g, ' ');
    expect(text).toContain('0.4200 ± 0.0100');
    expect(text).toContain('Every seed of the one is above every seed of the other.');
    expect(text.match(/Scored as/g)).toHaveLength(1);
    expect(text.match(/Where the decoder looks/g)).toHaveLength(2);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says where the decoder looks, and shows it word by word beside what was said', () => {
    const { figures } = render(part);
    expect(Object.keys(figures)).toEqual(
      expect.arrayContaining(['caption-loss', 'caption-bleu', 'attention-shares', 'sample-1', 'wrong-1']),
    );
    expect(figures['sample-1']!.match(/<use /g)).toHaveLength(4);
    expect(figures['sample-1']!.match(/<image /g)).toHaveLength(1);
    const text = textOf(part);
    expect(text).toContain('4.00 times as much attention on it as chance would (95 % interval 3.00 to 5.00)');
    expect(text).toContain('a.png. Without attention: a road. With attention: a green river. People: a river.');
  });

  it('does not claim what is not so, and is silent about what is not there', () => {
    const [plain, attending] = part.runs as [CaptionerRun, CaptionerRun];
    const worse = { ...part, runs: [{ ...plain, evaluation: evaluation(0.52, 'a road', false) }, attending] };
    expect(textOf(worse)).toContain('Looking at the regions does not help here: BLEU-4 changes by −0.0200');
    expect(textOf(worse)).toContain('The intervals of both overlap.');
    const { evaluation: _, ...unevaluated } = plain;
    const alone = textOf({ ...part, runs: [{ ...unevaluated, epochs: [] }] });
    expect(alone).not.toContain('Looking at');
    expect(alone).not.toContain('Where the decoder looks');
    const sydney = { ...part, dataset: { ...part.dataset, name: 'sydney-captions' } };
    expect(textOf(sydney)).not.toContain('other images');
    expect(textOf(sydney)).not.toContain('Not the report’s images');
  });

  it('is safe whatever words and files are called', () => {
    const hostile = `</title><script>alert(1)</script>"'&`;
    const runs = part.runs.map((one) => ({
      ...one,
      evaluation: {
        ...evaluation(0.4, hostile, one.recipe !== 'captioner'),
        signature: hostile,
        samples: evaluation(0.4, hostile, true).samples.map((sample) => ({ ...sample, file: hostile })),
      },
    }));
    const { document } = parseHTML(render({ ...part, runs }).html);
    expect(document.querySelectorAll('script')).toHaveLength(0);
    expect(document.querySelectorAll('#figure-sample-1')).toHaveLength(1);
  });
});
