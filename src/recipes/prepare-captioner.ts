import { join } from 'node:path';
import { CaptionBatches } from '../data/captions/caption-batches.js';
import type { CaptionSet, Split } from '../data/captions/caption-set.js';
import type { Writing } from '../decode/write-captions.js';
import { UsageError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { referenceCounts } from '../metrics/reference-counts.js';
import { signatureOf } from '../metrics/signature.js';
import { CaptionNetwork } from '../models/caption-network.js';
import type { Module } from '../nn/module.js';
import { adam, adamW } from '../optim/optimisers.js';
import type { Transform } from '../optim/transform.js';
import { special, Vocabulary } from '../text/vocabulary.js';
import { type CaptionedSplit, type CaptionResult, captionTask } from '../train/captioner.js';
import type { Trained } from '../train/fit.js';
import type { RunRecord } from '../train/record.js';
import { configure } from './configure.js';
import { ownVersion } from './machine.js';
import type { CaptionerRecipe, CaptionerTraining } from './recipe.js';
import type { Prepared } from './run.js';
import { scheduleOf } from './schedule.js';
import { type ImageSources, showSet, tokeniserOf } from './show-set.js';

/** Rows that a batch may have where there are fewer captions: those without one cost time and memory all the same. */
const rowsOfNothing = 256;

/** Words of a run's vocabulary by number, in its folder. */
export const vocabularyFile = 'vocabulary.json';

/**
 * Puts a captioner's recipe together with its data: images are rendered, or read and encoded, here.
 * @throws UsageError when configuration and data do not fit
 */
export async function prepareCaptioner(
  recipe: CaptionerRecipe,
  settings: Readonly<Record<string, unknown>>,
  seed: number,
  sources: ImageSources,
): Promise<Prepared<CaptionResult>> {
  const configuration = configure(recipe, settings);
  const training = recipe.training(configuration);
  const { images, set, features, encoder, source, digests } = await showSet(training, sources);
  const vocabulary = Vocabulary.of(
    set.images.filter(({ split }) => split === 'train').flatMap(({ captions }) => captions.map(({ tokens }) => tokens)),
    training.leastCount,
  );
  if (vocabulary.size === special.length)
    throw new UsageError(`leastCount: no word of the training captions occurs ${training.leastCount} times`);
  const { batch, buckets, epochs, patience, averageDecay } = training;
  const network = networkOf(recipe, configuration, { vocabulary: vocabulary.size, features, encoder });
  const taught = set.images.flatMap(({ split, captions }, image) =>
    split === 'train' ? captions.map(({ tokens }) => ({ image, words: vocabulary.encode(tokens) })) : [],
  );
  const most = Math.max(taught.length, rowsOfNothing);
  if (batch > most)
    throw new UsageError(`batch: at most ${most} is expected for ${taught.length} captions to train on, ${batch} came`);
  const batches = new CaptionBatches(taught, { batchSize: batch, buckets, seed });
  const [validation, test] = [splitOf(set, 'val'), splitOf(set, 'test')];
  const task = captionTask({
    network,
    vocabulary,
    images,
    batches,
    batchSize: batch,
    validation,
    ...(test.images.length > 0 && { test }),
    epochs,
    optimiser: captionOptimiserOf(training),
    schedule: scheduleOf(training, batches.batches),
    labelSmoothing: training.labelSmoothing,
    scheduledSampling: training.scheduledSampling,
    attentionPenalty: training.attentionPenalty,
    ...(averageDecay !== null && { averageDecay }),
    ...(patience !== null && { patience }),
    select: training.select,
    bleu: training.bleu,
    writing: writingOf(training),
    seed,
  });
  const count = (split: Split): number => set.images.filter((image) => image.split === split).length;
  const dataset: RunRecord['dataset'] = {
    name: set.name,
    source,
    sample: false,
    digests: { ...digests, captions: set.sha256 },
    sizes: { train: count('train'), validation: count('val'), test: count('test') },
  };
  const tested = test.images.map((image) => set.images[image]!.file);
  return {
    task,
    model: network,
    dataset,
    signature: (split) =>
      signatureOf(sizesOf(split === 'test' ? test : validation), {
        mode: training.bleu,
        tokeniser: tokeniserOf(training),
        split: split === 'test' ? 'test' : 'val',
        captions: set.sha256,
        version: ownVersion(),
      }),
    begin: (dir) => writeFileAtomic(join(dir, vocabularyFile), `${JSON.stringify(vocabulary.words)}\n`),
    finish: (dir, trained) => writeResults(dir, tested, trained),
  };
}

/** How a configuration has parameters move. */
export function captionOptimiserOf({ optimiser, weightDecay, clipNorm }: CaptionerTraining): Transform {
  return (optimiser === 'adam' ? adam : adamW)({ weightDecay, ...(clipNorm !== null && { clipNorm }) });
}

/** How a configuration has captions written. */
export const writingOf = ({ beam, consensus, maxLength }: Writing): Writing => ({ beam, consensus, maxLength });

/** The network of a configuration. @param features of a region */
export function networkOf(
  recipe: CaptionerRecipe,
  configuration: unknown,
  { vocabulary, features, encoder }: { vocabulary: number; features: number; encoder: Module | undefined },
): CaptionNetwork {
  const { embedding, hidden, dropout } = recipe.training(configuration);
  return new CaptionNetwork(
    encoder,
    recipe.decoder(configuration, { vocabulary, features, embedding, hidden, dropout }),
  );
}

function splitOf({ images }: CaptionSet, split: Split): CaptionedSplit {
  const indices = [...images.keys()].filter((i) => images[i]!.split === split && images[i]!.captions.length > 0);
  return {
    images: indices,
    references: indices.map((i) => images[i]!.captions.map(({ tokens }) => tokens.join(' '))),
  };
}

function sizesOf({ references }: CaptionedSplit): { references: readonly [number, number]; images: number } {
  return { references: referenceCounts(references), images: references.length };
}

/** What was said of the test images, in COCO's form for results. */
async function writeResults(dir: string, files: readonly string[], { test }: Trained<CaptionResult>): Promise<void> {
  if (test === undefined) return;
  const results = test.captions.map(({ candidate }, i) => ({ image_id: files[i]!, caption: candidate }));
  await writeFileAtomic(join(dir, 'captions-test.json'), `${JSON.stringify(results, null, 1)}\n`);
}
