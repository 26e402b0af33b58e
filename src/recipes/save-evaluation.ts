import { join } from 'node:path';
import type { ImageSource } from '../data/images/preprocess.js';
import { describeScene } from '../data/scenes/describe.js';
import { renderScene } from '../data/scenes/render.js';
import type { Writing } from '../decode/write-captions.js';
import { attentionEntropy } from '../explain/attention/entropy.js';
import { seenPicture, toDataUri } from '../explain/attention/map.js';
import { sentenceBleu, sentenceNgrams } from '../metrics/sentence-bleu.js';
import { type EvaluationFile, readEvaluation, writeEvaluation } from '../train/evaluation-file.js';
import { type CaptionEvaluation, type EvaluatedCaption, evaluateCaptioner } from './evaluate-captioner.js';
import { openCaptioner, type TrainedCaptioner } from './open-captioner.js';
import { writingOf } from './prepare-captioner.js';
import { sceneAttention } from './scene-attention.js';
import { type ImageSources, scenesSeed } from './show-set.js';

/** The three test images of Sydney-Captions that the report shows. */
const reportedFiles = ['219.tif', '357.tif', '540.tif'];

const samplesShown = 3;
const wrongShown = 3;

/** With pictures to look at. */
async function saveEvaluation(
  dir: string,
  trained: TrainedCaptioner,
  writing: Writing,
  evaluation: CaptionEvaluation,
): Promise<EvaluationFile> {
  const { scores, nearest, signature, captions, split } = evaluation;
  const shares = await sceneAttention(evaluation);
  const entropy = attentionEntropy(captions.map(wordsWithAttention));
  const samples = [
    ...samplesOf(captions).map((caption) => ({ caption, role: 'sample' as const })),
    ...wrongest(captions).map((caption) => ({ caption, role: 'wrong' as const })),
  ];
  const content: EvaluationFile = {
    format: 1,
    step: trained.step,
    split,
    writing,
    scores,
    nearest,
    signature,
    ...(shares && { shares }),
    ...(entropy && { entropy }),
    captions: captions.map(({ file, caption, references }) => ({ file, caption, references })),
    samples: await Promise.all(samples.map(({ caption, role }) => sampleOf(trained, evaluation, caption, role))),
  };
  await writeEvaluation(dir, content);
  return content;
}

const wordsWithAttention = ({ caption, attention = [] }: EvaluatedCaption) =>
  caption.split(' ').flatMap((word, i) => (attention[i] ? [{ word, attention: attention[i] }] : []));

/**
 * The evaluation in a run's folder, made first where there is none of its parameters: on the test images, or on validation
 * where the data set has no others.
 * @throws LegendaError as `openCaptioner` and `evaluateCaptioner`
 */
export async function evaluatedRun(dir: string, sources: ImageSources): Promise<EvaluationFile> {
  const trained = await openCaptioner(dir);
  const kept = await readEvaluation(dir).catch(() => undefined);
  if (kept?.step === trained.step) return kept;
  const split = trained.record.dataset.sizes.test > 0 ? 'test' : 'val';
  const writing = writingOf(trained.configuration);
  return saveEvaluation(dir, trained, writing, await evaluateCaptioner(trained, { ...sources, split, writing }));
}

/** The report's where they are; else some from all over the split. */
function samplesOf(captions: readonly EvaluatedCaption[]): EvaluatedCaption[] {
  const reported = reportedFiles.flatMap((name) => captions.find(({ file }) => file === name) ?? []);
  if (reported.length > 0) return reported;
  const shown = Math.min(samplesShown, captions.length);
  return Array.from({ length: shown }, (_, i) => captions[Math.floor(((i + 0.5) * captions.length) / shown)]!);
}

/** Captions that are least like any of their references, the worst first. */
const wrongest = (captions: readonly EvaluatedCaption[]): EvaluatedCaption[] =>
  captions
    .map((caption) => ({ caption, likeness: likenessOf(caption) }))
    .sort((a, b) => a.likeness - b.likeness)
    .slice(0, wrongShown)
    .map(({ caption }) => caption);

function likenessOf({ caption, references }: EvaluatedCaption): number {
  const ngrams = (text: string) => sentenceNgrams(text.split(' '));
  const own = ngrams(caption);
  return Math.max(...references.map((reference) => sentenceBleu(own, ngrams(reference))));
}

async function sampleOf(
  { preprocessing }: TrainedCaptioner,
  evaluation: CaptionEvaluation,
  { file, index, caption, references, attention }: EvaluatedCaption,
  role: 'sample' | 'wrong',
): Promise<EvaluationFile['samples'][number]> {
  return {
    role,
    file,
    caption,
    references,
    picture: await toDataUri(await seenPicture(await imageOf(evaluation, index), preprocessing)),
    ...(attention && {
      attention: attention.map((weights) => Array.from(weights, (weight) => Number(weight.toFixed(4)))),
    }),
  };
}

/** A scene is drawn larger than it was seen, the better to look at. */
async function imageOf({ set }: CaptionEvaluation, index: number): Promise<ImageSource> {
  const { file, id } = set.images[index]!;
  if (set.imageFolder !== undefined) return join(set.imageFolder, file);
  return renderScene(describeScene(scenesSeed, id!), 224);
}
