import type { CaptionSet, Split } from '../data/captions/caption-set.js';
import { DecoderSession } from '../decode/decoder-session.js';
import { imagesAtOnce, type Writing } from '../decode/write-captions.js';
import { LegendaError } from '../errors.js';
import type { BleuMode } from '../metrics/bleu.js';
import { type CaptionScores, scoreCaptions } from '../metrics/caption-scores.js';
import { nearestByCosine } from '../metrics/nearest.js';
import { signatureOf } from '../metrics/signature.js';
import { ImageSummary } from '../models/image-summary.js';
import type { Runtime } from '../runtime/session.js';
import { splitAtBlanks } from '../text/tokenise.js';
import { writeAll } from '../train/captioner.js';
import { imageBatches } from '../train/image-batches.js';
import { InferenceModel } from '../train/inference.js';
import { ownVersion } from './machine.js';
import type { TrainedCaptioner } from './open-captioner.js';
import { writingOf } from './prepare-captioner.js';
import { type ImageSources, type ShownSet, showSet, tokeniserOf } from './show-set.js';

export interface EvaluateCaptionerOptions extends ImageSources {
  readonly split: Split;
  /** Whose BLEU; the configuration's when left out. */
  readonly mode?: BleuMode;
  /** How captions are written; as the configuration has it when left out. */
  readonly writing?: Writing;
}

/** What was said of an image, and what people said of it. */
export interface EvaluatedCaption {
  readonly file: string;
  readonly caption: string;
  readonly references: readonly string[];
  /** By word, the end last, how much each region was looked at; absent where the decoder does not look. */
  readonly attention?: readonly Float32Array[];
  /** Index into the set's images. */
  readonly index: number;
}

export interface CaptionEvaluation {
  readonly scores: CaptionScores;
  readonly captions: readonly EvaluatedCaption[];
  /** Of copying the first caption of the training image that is most alike, by the cosine of their features. */
  readonly nearest: CaptionScores;
  /** The conditions of both scores, as one line. */
  readonly signature: string;
  readonly set: CaptionSet;
  readonly split: Split;
}

/** Images that are looked at at once. */
const atOnce = 32;

/**
 * How a trained captioner does on a split of what it was trained on, beside copying.
 * @throws LegendaError when the images are not to be had, are others than it was trained on, or the split has none
 */
export async function evaluateCaptioner(
  trained: TrainedCaptioner,
  options: EvaluateCaptionerOptions,
): Promise<CaptionEvaluation> {
  const { split, writing = writingOf(trained.configuration), mode = trained.configuration.bleu, runtime } = options;
  const shown = await showSet(trained.configuration, options);
  refuseOtherData(shown, trained.record.dataset.digests);
  const wanted = captioned(shown.set, split);
  if (wanted.length === 0) throw new LegendaError(`${shown.set.name} has no captioned images in its split "${split}"`);
  const captions: EvaluatedCaption[] = [];
  const type = { dtype: 'float32', shape: [imagesAtOnce(writing), ...shown.images.shape] } as const;
  const sizes = { images: type, rowsPerImage: writing.beam };
  await using session = await DecoderSession.compile(runtime, trained.network, sizes);
  const writer = { images: shown.images, writing };
  for await (const { words, attention } of writeAll(session, writer, wanted, trained.parameters)) {
    const index = wanted[captions.length]!;
    const { file, captions: said } = shown.set.images[index]!;
    captions.push({
      file,
      index,
      caption: trained.vocabulary.decode(words).join(' '),
      references: said.map(({ tokens }) => tokens.join(' ')),
      ...(attention && { attention }),
    });
  }
  const score = (candidates: readonly string[]) =>
    scoreCaptions(
      captions.map(({ references }, i) => ({ candidate: candidates[i]!, references })),
      splitAtBlanks,
      mode,
    );
  const scores = score(captions.map(({ caption }) => caption));
  const tokeniser = tokeniserOf(trained.configuration);
  const conditions = { mode, tokeniser, split, captions: shown.set.sha256, version: ownVersion() };
  return {
    scores,
    captions,
    nearest: score(await copyNearest(trained, shown, wanted, runtime)),
    signature: signatureOf(scores, conditions),
    set: shown.set,
    split,
  };
}

/** An encoder's digest is not compared: it is of the runtime's version too. */
function refuseOtherData({ set, digests }: ShownSet, trained: Readonly<Record<string, string>>): void {
  const isSame = (name: string): boolean => digests[name] === trained[name];
  const others = [
    ...(set.sha256 === trained['captions'] ? [] : ['captions']),
    ...(isSame('pixels') && isSame('images') ? [] : ['images']),
  ];
  if (others.length > 0)
    throw new LegendaError(`the ${others.join(' and ')} of ${set.name} are not those that the run was trained on`);
}

const captioned = ({ images }: CaptionSet, split: Split): number[] =>
  [...images.keys()].filter((i) => images[i]!.split === split && images[i]!.captions.length > 0);

/** By image, the first caption of the training image that is most like it. */
async function copyNearest(
  trained: TrainedCaptioner,
  { set, images }: ShownSet,
  indices: readonly number[],
  runtime: Runtime,
): Promise<string[]> {
  const known = captioned(set, 'train');
  const summary = new ImageSummary(trained.network.encoder);
  const type = { dtype: 'float32', shape: [atOnce, ...images.shape] } as const;
  await using model = await InferenceModel.compile(runtime, summary, type);
  const width = trained.network.decoder.sizes.features;
  const summarise = async (some: readonly number[]): Promise<Float32Array> => {
    const summaries = new Float32Array(some.length * width);
    for await (const { batch, from, count } of imageBatches(images, some, atOnce)) {
      const { data } = await model.run(batch, trained.parameters);
      summaries.set((data as Float32Array).subarray(0, count * width), from * width);
    }
    return summaries;
  };
  const nearest = nearestByCosine(await summarise(indices), await summarise(known), width);
  return nearest.map((i) => set.images[known[i]!]!.captions[0]!.tokens.join(' '));
}
