import type { ImageClassificationSet } from '../../data/dataset.js';
import { LegendaError } from '../../errors.js';
import { InputGradients } from '../../explain/attribution/input-gradients.js';
import { maximise } from '../../explain/attribution/maximise.js';
import { channelScores, excitationScores } from '../../explain/attribution/scorer.js';
import type { ExplanationFile } from '../../explain/explanation-file.js';
import { type ExaminedLayer, type Exciting, examineLayers } from '../../explain/layers/examine.js';
import { boxAt } from '../../explain/layers/receptive-field.js';
import { imagePicture, pngUri } from '../../explain/pictures.js';
import type { Runtime } from '../../runtime/session.js';
import { givenTestImage } from '../given-images.js';
import type { TrainedModel } from '../open-run.js';
import { pixelsIn, testBatches } from '../shown-test-images.js';

export interface ExplainLayersOptions {
  readonly runtime: Runtime;
  /** Test images that are looked at; 2,000 by default. */
  readonly images?: number;
  /** Paths of the layers whose channels are shown; all convolutions by default. */
  readonly shown?: readonly string[];
  /** Channels that are shown of a layer, from the first; 8 by default. */
  readonly channels?: number;
  /** Images that are shown of a channel; 6 by default. */
  readonly top?: number;
  /** Of pictures by gradient ascent; none are made when left out. */
  readonly seed?: number;
}

const atOnce = 100;

/** What excites the channels of every layer, and how well they tell classes apart. */
export async function explainLayers(
  trained: TrainedModel,
  data: ImageClassificationSet,
  { runtime, images = 2000, shown, channels = 8, top = 6, seed }: ExplainLayersOptions,
): Promise<ExplanationFile['layers']> {
  const { model, parameters } = trained;
  const size = Math.min(atOnce, images, data.test.count);
  const batches = testBatches(trained, data, images, size);
  const shape = [size, ...trained.recipe.image];
  const classes = data.classes.length;
  const examined = await examineLayers(model, shape, batches, parameters, { runtime, classes, top });
  const isShown = ({ path, type }: ExaminedLayer) => shown?.includes(path) ?? type === 'Conv2d';
  const missing = shown?.find((path) => !examined.some((layer) => layer.path === path));
  if (missing !== undefined)
    throw new LegendaError(
      `"${missing}" is no layer with channels; there are ${examined.map(({ path }) => path).join(', ')}`,
    );
  const found: ExplanationFile['layers'][number][] = [];
  for (const layer of examined) {
    const chosen = isShown(layer) ? [...layer.channels.keys()].slice(0, channels) : [];
    const pictures = chosen.length > 0 && seed !== undefined ? await picturesOf(layer, chosen, seed) : [];
    found.push({
      path: layer.path,
      type: layer.type,
      channels: layer.channels.length,
      selectivity: layer.channels.map(({ selectivity }) => Number(selectivity.toFixed(4))),
      shown: await Promise.all(
        chosen.map(async (channel, i) => ({
          channel,
          exciting: await Promise.all(layer.channels[channel]!.exciting.map((one) => excitingOf(layer, one))),
          ...(pictures[i] && { maximised: pictures[i] }),
        })),
      ),
    });
  }
  return found;

  async function excitingOf({ field }: ExaminedLayer, { image, value, place }: Exciting) {
    const { picture, name } = givenTestImage(trained, data, image);
    const [height, width] = trained.recipe.image.slice(1) as [number, number];
    const seen = field && place.length === 2 ? boxAt(field, place, [height, width]) : undefined;
    const box = seen && ([seen.left / width, seen.top / height, seen.right / width, seen.bottom / height] as const);
    return { image, picture: await pngUri(picture), class: name, value, ...(box && { box }) };
  }

  async function picturesOf({ path, channels }: ExaminedLayer, chosen: readonly number[], seed: number) {
    const { image } = trained.recipe;
    const scale = channels.map(({ exciting }) => Math.max(exciting[0]!.value, 1e-3));
    const options = { runtime, image, seed, ...pixelsIn(trained) };
    const { pictures, images } = await maximise(excitationScores(model, path, scale), chosen, parameters, options);
    const shape = [chosen.length, ...image];
    await using judge = await InputGradients.compile(runtime, channelScores(model, path, 'max'), shape, parameters);
    const values = await judge.scores(images);
    const each = judge.size;
    return Promise.all(
      chosen.map(async (channel, i) => ({
        picture: await pngUri(imagePicture(pictures.subarray(i * each, (i + 1) * each), image)),
        value: values[i * judge.count + channel]!,
      })),
    );
  }
}
