import { LegendaError, UsageError } from '../../errors.js';
import { InputGradients } from '../../explain/attribution/input-gradients.js';
import { attributionMaps } from '../../explain/attribution/maps.js';
import { classScores } from '../../explain/attribution/scorer.js';
import type { ExplanationFile } from '../../explain/explanation-file.js';
import { pngUri } from '../../explain/pictures.js';
import { likeliestClass } from '../../metrics/classification.js';
import type { Runtime } from '../../runtime/session.js';
import type { GivenImage } from '../given-images.js';
import type { TrainedModel } from '../open-run.js';
import { mapPictures } from './map-pictures.js';

export interface ExplainDecisionsOptions {
  readonly runtime: Runtime;
  /** The class whose score is explained; the likeliest of each image by default. */
  readonly class?: string | undefined;
}

const atOnce = 32;

/**
 * Which pixels a classifier's answers rest on.
 * @param classes names by number
 * @throws UsageError when there is no such class
 */
export async function explainDecisions(
  trained: TrainedModel,
  classes: readonly string[],
  images: readonly GivenImage[],
  { runtime, class: wanted }: ExplainDecisionsOptions,
): Promise<ExplanationFile['decisions']> {
  const { model, parameters, recipe } = trained;
  const asked = wanted === undefined ? undefined : classNamed(classes, wanted);
  const shape = [atOnce, ...recipe.image];
  await using scores = await InputGradients.compile(runtime, classScores(model), shape, parameters);
  const found: ExplanationFile['decisions'][number][] = [];
  for (const { picture, pixels, ...given } of images) {
    const batch = new Float32Array(atOnce * scores.size);
    batch.set(pixels);
    const own = (await scores.scores(batch)).subarray(0, scores.count);
    const said = asked ?? likeliestClass(own, 0, scores.count);
    if (!own.every(Number.isFinite))
      throw new LegendaError(`the scores of ${given.name} are not finite: this model explains nothing`);
    const { completeness, ...maps } = await attributionMaps(scores, pixels, said, Array(recipe.image[0]).fill(0));
    found.push({
      ...given,
      said: classes[said]!,
      ...(asked !== undefined && { asked: true }),
      probability: Math.exp(own[said]!),
      picture: await pngUri(picture),
      ...(await mapPictures(maps, recipe.image)),
      completeness,
    });
  }
  return found;
}

function classNamed(classes: readonly string[], name: string): number {
  const found = classes.findIndex((known) => known.toLowerCase() === name.toLowerCase());
  if (found === -1) throw new UsageError(`there is no class "${name}"; there are ${classes.join(', ')}`);
  return found;
}
