import type { ImageClassificationSet } from '../../data/dataset.js';
import { UsageError } from '../../errors.js';
import { InputGradients } from '../../explain/attribution/input-gradients.js';
import { integratedGradients } from '../../explain/attribution/integrated-gradients.js';
import { occlusion } from '../../explain/attribution/occlusion.js';
import { saliency, sumOverChannels } from '../../explain/attribution/saliency.js';
import { classScores } from '../../explain/attribution/scorer.js';
import type { ExplanationFile } from '../../explain/explanation-file.js';
import { greyPicture, pngUri, signedPicture } from '../../explain/pictures.js';
import type { Runtime } from '../../runtime/session.js';
import type { TrainedModel } from '../open-run.js';
import { preparedImage, testImage } from '../shown-test-images.js';

export interface ExplainDecisionsOptions {
  readonly runtime: Runtime;
  /** Numbers of test images. */
  readonly images: readonly number[];
  /** The class whose score is explained; the likeliest of each image by default. */
  readonly class?: string;
}

const atOnce = 32;

/** Sides of the square that covers a part of an image, and from square to square, over the image's side. */
const covered = { size: 1 / 7, stride: 1 / 14 };

/**
 * Which pixels a classifier's answers rest on.
 * @throws UsageError when there is no such class
 */
export async function explainDecisions(
  trained: TrainedModel,
  data: ImageClassificationSet,
  { runtime, images, class: wanted }: ExplainDecisionsOptions,
): Promise<ExplanationFile['decisions']> {
  const { model, parameters, recipe } = trained;
  const [channels, height, width] = recipe.image as [number, number, number];
  const asked = wanted === undefined ? undefined : classNamed(data.classes, wanted);
  const shape = [atOnce, channels, height, width];
  await using scores = await InputGradients.compile(runtime, classScores(model), shape, parameters);
  const black = new Float32Array(scores.size);
  const found: ExplanationFile['decisions'][number][] = [];
  for (const image of images) {
    const { picture, label } = testImage(trained, data, image);
    const pixels = preparedImage(trained, data, image);
    const batch = new Float32Array(atOnce * scores.size);
    batch.set(pixels);
    const own = (await scores.scores(batch)).subarray(0, scores.count);
    const said = asked ?? own.indexOf(Math.max(...own));
    const { gradient } = await scores.run(batch, scores.choose([said]));
    const integrated = await integratedGradients(scores, pixels, said, { baseline: black });
    const drops = await occlusion(scores, pixels, said, {
      size: Math.max(1, Math.round(covered.size * height)),
      stride: Math.max(1, Math.round(covered.stride * height)),
      fill: Array<number>(channels).fill(0),
    });
    const one = [1, channels, height, width];
    const map = (values: Float32Array) => pngUri(signedPicture(values, height, width));
    found.push({
      class: data.classes[label]!,
      said: data.classes[said]!,
      probability: Math.exp(own[said]!),
      picture: await pngUri(picture),
      saliency: await pngUri(greyPicture(saliency(gradient.subarray(0, scores.size), one), height, width)),
      integrated: await map(sumOverChannels(integrated.attributions, one)),
      occlusion: await map(drops),
      completeness: { difference: integrated.difference, sum: integrated.sum, pieces: integrated.pieces },
    });
  }
  return found;
}

function classNamed(classes: readonly string[], name: string): number {
  const found = classes.findIndex((known) => known.toLowerCase() === name.toLowerCase());
  if (found === -1) throw new UsageError(`there is no class "${name}"; there are ${classes.join(', ')}`);
  return found;
}
