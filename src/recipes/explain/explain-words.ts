import { type ImageSource, Preprocessor } from '../../data/images/preprocess.js';
import { DecoderSession } from '../../decode/decoder-session.js';
import { decodeGreedily } from '../../decode/word-by-word.js';
import { LegendaError } from '../../errors.js';
import { seenPicture, toDataUri } from '../../explain/attention/map.js';
import { InputGradients } from '../../explain/attribution/input-gradients.js';
import { type AttributionMaps, attributionMaps } from '../../explain/attribution/maps.js';
import { wordScores } from '../../explain/attribution/scorer.js';
import type { Runtime } from '../../runtime/session.js';
import { tensor } from '../../tensor/tensor.js';
import type { TrainedCaptioner } from '../open-captioner.js';
import { writingOf } from '../prepare-captioner.js';
import { withEncoder } from '../with-encoder.js';
import { mapPictures } from './map-pictures.js';

export interface ExplainWordsOptions {
  readonly runtime: Runtime;
  /** Only these words of the caption; all by default. */
  readonly words?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What one word of a caption rests on. */
export interface ExplainedWord {
  readonly word: string;
  /** Of the word, given the image and the words before. */
  readonly probability: number;
  /** `data:` URIs. */
  readonly saliency: string;
  readonly integrated: string;
  readonly occlusion: string;
  readonly completeness: AttributionMaps['completeness'];
}

export interface ExplainedCaption {
  readonly caption: string;
  /** What the encoder saw, as a `data:` URI. */
  readonly picture: string;
  readonly words: readonly ExplainedWord[];
}

/** Copies of an image that gradients are taken of at once: encoders are large. */
const atOnce = 8;

/**
 * Which pixels the words of an image's caption rest on: the gradient goes through decoder and encoder to the image.
 * @throws LegendaError when the image or the encoder cannot be read, or the caption has none of the words
 */
export async function explainWords(
  trained: TrainedCaptioner,
  source: ImageSource,
  { runtime, words: wanted, onProgress, signal }: ExplainWordsOptions,
): Promise<ExplainedCaption> {
  const { vocabulary, preprocessing, configuration } = trained;
  const { network, parameters } = await withEncoder(trained);
  const { side, mean, std } = preprocessing;
  const preprocessor = new Preprocessor(preprocessing);
  const pixels = new Float32Array(preprocessor.size);
  await preprocessor.write(source, pixels);
  const said = await captionOf();
  const words = vocabulary.decode(said);
  const chosen = [...words.keys()].filter((i) => wanted?.includes(words[i]!) ?? true);
  if (words.length === 0) throw new LegendaError('the caption has no words to be explained');
  const absent = wanted?.filter((word) => !words.includes(word)) ?? [];
  if (absent.length > 0) throw new LegendaError(`the caption "${words.join(' ')}" has no word ${absent.join(' or ')}`);
  const shape = [atOnce, 3, side, side];
  await using scores = await InputGradients.compile(runtime, wordScores(network, said), shape, parameters);
  const batch = new Float32Array(atOnce * pixels.length);
  batch.set(pixels);
  const own = await scores.scores(batch);
  const black = mean.map((value, channel) => -value / std[channel]!);
  const found: ExplainedWord[] = [];
  onProgress?.(0, chosen.length);
  for (const [i, word] of chosen.entries()) {
    signal?.throwIfAborted();
    const { completeness, ...maps } = await attributionMaps(scores, pixels, word, black);
    const pictures = await mapPictures(maps, [3, side, side]);
    found.push({ word: words[word]!, probability: Math.exp(own[word]!), ...pictures, completeness });
    onProgress?.(i + 1, chosen.length);
  }
  return {
    caption: words.join(' '),
    picture: await toDataUri(await seenPicture(source, preprocessing)),
    words: found,
  };

  async function captionOf(): Promise<readonly number[]> {
    const images = tensor('float32', [1, 3, side, side], pixels);
    await using session = await DecoderSession.compile(runtime, network, { images });
    const seen = await session.look(images, parameters);
    const [caption] = await decodeGreedily(seen, 1, { maxLength: writingOf(configuration).maxLength });
    return caption!.words;
  }
}
