import type { ImageClassificationSet } from '../../data/dataset.js';
import { LegendaError } from '../../errors.js';
import { type ExplanationFile, readExplanation, writeExplanation } from '../../explain/explanation-file.js';
import { likeliestClass } from '../../metrics/classification.js';
import type { Runtime } from '../../runtime/session.js';
import { InferenceModel } from '../../train/inference.js';
import { givenTestImage } from '../given-images.js';
import { openTrained, type TrainedModel } from '../open-run.js';
import { firstTestImages } from '../shown-test-images.js';
import { explainActivations } from './explain-activations.js';
import { explainDecisions } from './explain-decisions.js';
import { explainFilters } from './explain-filters.js';
import { explainLayers } from './explain-layers.js';
import { explainShifts } from './explain-shifts.js';

/** Test images that a network's layers are examined on. */
const examined = 2000;

/** Right answers that are shown, of as many classes, and wrong ones. */
const shownRight = 3;
const shownWrong = 1;

/**
 * The explanation in a classifier's run folder, made first where there is none of its parameters.
 * @param data the run's own
 * @throws LegendaError as `openTrained`
 */
export async function explainedRun(
  dir: string,
  data: ImageClassificationSet,
  runtime: Runtime,
): Promise<ExplanationFile> {
  const trained = await openTrained(dir);
  const kept = await keptExplanation(dir);
  if (kept?.step === trained.step && kept.seed === trained.record.seed) return kept;
  const { right, wrong } = await imagesToShow(trained, data, runtime);
  const { seed } = trained.record;
  const given = (image: number) => givenTestImage(trained, data, image);
  const content: ExplanationFile = {
    format: 2,
    step: trained.step,
    seed,
    images: Math.min(examined, data.test.count),
    classes: data.classes,
    filters: await explainFilters(trained),
    shifts: await explainShifts(trained, data, { runtime }),
    layers: await explainLayers(trained, data, { runtime, images: examined, seed }),
    activations: await explainActivations(trained, right.slice(0, 1).map(given), { runtime }),
    decisions: await explainDecisions(trained, data.classes, [...right, ...wrong].map(given), { runtime }),
  };
  await writeExplanation(dir, content);
  return content;
}

/** One of another form, or a damaged one, is made again. */
async function keptExplanation(dir: string): Promise<ExplanationFile | undefined> {
  try {
    return await readExplanation(dir);
  } catch (error) {
    if (error instanceof LegendaError) return undefined;
    throw error;
  }
}

/** The first test images that the model is right about, of different classes, and the first that it is not. */
async function imagesToShow(
  trained: TrainedModel,
  data: ImageClassificationSet,
  runtime: Runtime,
): Promise<{ right: number[]; wrong: number[] }> {
  const { model, parameters } = trained;
  const images = firstTestImages(trained, data, 500);
  const { shape, labels } = images;
  await using inference = await InferenceModel.compile(runtime, model, { dtype: 'float32', shape });
  const output = await inference.run({ dtype: 'float32', shape, data: images.data }, parameters);
  const scores = output.data as Float32Array;
  const classes = data.classes.length;
  const isRight = labels.map((label, i) => likeliestClass(scores, i, classes) === label);
  const numbers = [...labels.keys()];
  const firsts = numbers.filter(
    (i) => isRight[i] && numbers.findIndex((j) => isRight[j] && labels[j] === labels[i]) === i,
  );
  return { right: firsts.slice(0, shownRight), wrong: numbers.filter((i) => !isRight[i]).slice(0, shownWrong) };
}
