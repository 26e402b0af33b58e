import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CaptionedImage, CaptionSet } from '../data/captions/caption-set.js';
import { type LoadedCaptionSet, loadCaptionSet } from '../data/captions/load-set.js';
import { exclusively } from '../data/exclusively.js';
import { Preprocessor } from '../data/images/preprocess.js';
import { cacheFolder } from '../data/root.js';
import { describeScene } from '../data/scenes/describe.js';
import type { SceneDescription } from '../data/scenes/description.js';
import { renderScenes } from '../data/scenes/render.js';
import { type ScenesSet, scenesSet } from '../data/scenes/set.js';
import { encodeImages } from '../encode/encode-images.js';
import { Encoder } from '../encode/encoder.js';
import { FeatureStore, storePath } from '../encode/feature-store.js';
import { LegendaError, UsageError } from '../errors.js';
import { smallEncoder } from '../models/small-encoder.js';
import type { Module } from '../nn/module.js';
import type { Runtime } from '../runtime/session.js';
import { splitAtBlanks } from '../text/tokenise.js';
import type { ShownImages } from '../train/captioner.js';
import type { CaptionerTraining } from './recipe.js';
import { shownFeatures, shownPixels, shownPreprocessing } from './shown-images.js';
import { encoderFile, trainedEncoder } from './trained-encoder.js';
import { warnOfLeaks } from './warn-of-leaks.js';

/** Where images come from, and who hears of it. */
export interface ImageSources {
  /** The data root (see `dataRoot`). */
  readonly root: string;
  /** Runs the encoder. */
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** What people should know of the data and does not stop the training. */
  readonly onWarning?: (text: string) => void;
}

/** A caption set with its images as the network is shown them. */
export interface ShownSet {
  readonly set: CaptionSet;
  readonly images: ShownImages;
  /** Features of a region that the decoder is given. */
  readonly features: number;
  /** Trained along; undefined where features were computed before. */
  readonly encoder: Module | undefined;
  /** Where the images came from, in words. */
  readonly source: string;
  readonly digests: Readonly<Record<string, string>>;
}

/** Scenes are the same for every seed of a training: what differs then is the training. */
export const scenesSeed = 1;

/** How a configuration's words came out of its captions, for the signature of scores. */
export const tokeniserOf = ({ words }: Pick<CaptionerTraining, 'words'>): string =>
  words === 'raw' ? 'blanks-of-raw' : 'blanks';

/** Images that are read or encoded at once. */
const atOnce = 16;

/**
 * The data set of a captioner's configuration: its images are rendered, or read and encoded, here.
 * @throws UsageError when the keys do not go together
 * @throws LegendaError when the set, one of its images or the encoder cannot be read
 */
export async function showSet(training: CaptionerTraining, sources: ImageSources): Promise<ShownSet> {
  const { dataset, encoder, side } = training;
  if (encoder === null && training.fineTune)
    throw new UsageError('fineTune: an encoder of a file is expected; the small one is trained in any case');
  if (encoder === null && training.features !== null)
    throw new UsageError('features: a tensor of an encoder is meant, and there is none: give its file as encoder');
  if (encoder === null && side % 8 !== 0) throw new UsageError(`side: a multiple of 8 is expected, ${side} came`);
  if (dataset === 'scenes') {
    if (encoder === null) return showScenes(training);
    throw new UsageError('encoder: scenes are seen by an encoder that is trained along, a file came');
  }
  const loaded = await loadCaptionSet(dataset, { root: sources.root });
  const set = training.words === 'raw' ? { ...loaded, images: loaded.images.map(wordsOfRaw) } : loaded;
  for (const warning of set.warnings) sources.onWarning?.(`${set.name}: ${warning}`);
  const isFrozen = encoder !== null && !training.fineTune;
  return isFrozen ? showFeatures(set, encoder, training, sources) : showPixels(set, training, sources);
}

async function showScenes({ scenes, side, channels }: CaptionerTraining): Promise<ShownSet> {
  const set = scenesSet({ images: scenes, seed: scenesSeed });
  const pixels = await renderScenes(descriptionsOf(set), side);
  return {
    set,
    images: shownPixels(pixels, shownPreprocessing(side)),
    features: channels[2],
    encoder: smallEncoder(channels),
    source: 'generated',
    digests: { pixels: createHash('sha256').update(pixels).digest('hex') },
  };
}

/** One after the other: a description is larger than its picture. */
function* descriptionsOf({ images }: ScenesSet): Generator<SceneDescription> {
  for (const { id } of images) yield describeScene(scenesSeed, id);
}

/** Images in memory, for an encoder that is trained along: a small one, or one that comes from a file. */
async function showPixels(
  set: LoadedCaptionSet,
  training: CaptionerTraining,
  sources: ImageSources,
): Promise<ShownSet> {
  const { signal, onProgress } = sources;
  const { encoder, features, preprocessing } = await trainedEncoder(training, sources);
  const preprocessor = new Preprocessor(preprocessing);
  const { size } = preprocessor;
  const paths = pathsOf(set);
  const pixels = new Uint8Array(paths.length * size);
  for (let from = 0; from < paths.length; from += atOnce) {
    signal?.throwIfAborted();
    const some = await Promise.all(paths.slice(from, from + atOnce).map((path) => preprocessor.pixels(path)));
    for (const [i, image] of some.entries()) pixels.set(image, (from + i) * size);
    onProgress?.('reading images', from + some.length, paths.length);
  }
  const digests = paths.map((_, i) =>
    createHash('sha256')
      .update(pixels.subarray(i * size, (i + 1) * size))
      .digest('hex'),
  );
  warnOfLeaks(set, digests, sources.onWarning);
  return {
    set,
    images: shownPixels(pixels, preprocessing),
    features,
    encoder,
    source: set.imageFolder,
    digests: { pixels: createHash('sha256').update(pixels).digest('hex') },
  };
}

/** Features of a pretrained encoder, computed once and kept. */
async function showFeatures(
  set: LoadedCaptionSet,
  file: string,
  { features, preprocessing }: CaptionerTraining,
  sources: ImageSources,
): Promise<ShownSet> {
  const { runtime, signal } = sources;
  const named = features === null ? {} : { features };
  const { path, isClassifier } = await encoderFile(file, sources);
  await using encoder = await Encoder.open(runtime, path, { ...named, isClassifier, preprocessing, batch: atOnce });
  const folder = join(cacheFolder(), 'features');
  const lock = `${storePath(folder, encoder.key, encoder.shape)}.lock`;
  // trials that begin together would all encode, and add to the store at once
  const { store, encoded } = await exclusively(lock, () => encodeSet(set, encoder, folder, sources), signal);
  const digests = encoded.map((image) => {
    if ('error' in image) throw image.error;
    return image.digest;
  });
  warnOfLeaks(set, digests, sources.onWarning);
  const [, width] = encoder.shape as [number, number];
  return {
    set,
    images: shownFeatures(store, digests),
    features: width,
    encoder: undefined,
    source: set.imageFolder,
    digests: {
      images: createHash('sha256').update(digests.join('\n')).digest('hex'),
      encoder: createHash('sha256').update(encoder.key).digest('hex'),
    },
  };
}

async function encodeSet(
  set: LoadedCaptionSet,
  encoder: Encoder,
  folder: string,
  { signal, onProgress, onWarning }: ImageSources,
) {
  // held open as long as the training reads it
  const store = FeatureStore.open(folder, encoder.key, encoder.shape);
  if (store.damaged > 0) onWarning?.(`${store.damaged} features that were kept are damaged: they are computed anew`);
  const encoded = await encodeImages(encoder, store, pathsOf(set), {
    ...(signal && { signal }),
    onProgress: (done, total) => onProgress?.('encoding images', done, total),
  });
  return { store, encoded };
}

const wordsOfRaw = (image: CaptionedImage): CaptionedImage => ({
  ...image,
  captions: image.captions.map(({ raw }) => ({ raw, tokens: splitAtBlanks(raw) })),
});

function pathsOf({ name, images, imageFolder }: LoadedCaptionSet): string[] {
  if (images.length === 0) throw new LegendaError(`${name} has no images`);
  return images.map(({ file }) => join(imageFolder, file));
}
