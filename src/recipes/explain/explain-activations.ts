import type { ExplanationFile } from '../../explain/explanation-file.js';
import { LayerOutputs } from '../../explain/layers/layer-outputs.js';
import { greyPicture, mosaic, pngUri } from '../../explain/pictures.js';
import type { Runtime } from '../../runtime/session.js';
import type { GivenImage } from '../given-images.js';
import type { TrainedModel } from '../open-run.js';

/** Channels of a layer that are drawn, at most. */
const mostDrawn = 64;

export interface ExplainActivationsOptions {
  readonly runtime: Runtime;
  /** Paths of layers whose outputs are maps; all convolutions' by default. */
  readonly layers?: readonly string[];
}

/** What layers make of images: a map for each channel, each from its smallest to its largest value, eight in a row. */
export async function explainActivations(
  trained: TrainedModel,
  images: readonly GivenImage[],
  { runtime, layers: wanted }: ExplainActivationsOptions,
): Promise<ExplanationFile['activations']> {
  const { model, parameters, recipe } = trained;
  await using outputs = await LayerOutputs.compile(runtime, model, [1, ...recipe.image], parameters, wanted);
  const maps = outputs.layers.filter(({ type, shape }) => shape.length === 4 && (wanted || type === 'Conv2d'));
  const found: ExplanationFile['activations'][number][] = [];
  for (const { name, image, picture, pixels } of images) {
    const values = await outputs.run(pixels);
    const layers = maps.map(async ({ path, shape }) => {
      const [, channels, height, width] = shape as [number, number, number, number];
      const drawn = Math.min(channels, mostDrawn);
      const plane = height * width;
      const own = values.get(path)!;
      const tiles = Array.from({ length: drawn }, (_, i) =>
        greyPicture(own.subarray(i * plane, (i + 1) * plane), height, width),
      );
      const all = mosaic(tiles, Math.min(8, drawn));
      return { path, channels, drawn, aspect: all.height / all.width, picture: await pngUri(all) };
    });
    found.push({
      name,
      ...(image !== undefined && { image }),
      picture: await pngUri(picture),
      layers: await Promise.all(layers),
    });
  }
  return found;
}
