import type { ImageClassificationSet } from '../data/dataset.js';
import { splitIndices } from '../data/split.js';
import { UsageError } from '../errors.js';
import { adam, adamW, sgd } from '../optim/optimisers.js';
import type { Transform } from '../optim/transform.js';
import type { Training } from '../train/classifier.js';
import type { ClassifierRecipe, ClassifierTraining } from './recipe.js';
import { scheduleOf } from './schedule.js';

/**
 * A recipe's configuration, on a data set, as a training.
 * @throws UsageError when the recipe is not one that is trained, or data and configuration do not fit
 */
export function trainingOf(
  recipe: ClassifierRecipe,
  configuration: unknown,
  data: ImageClassificationSet,
  seed: number,
): Training {
  if (recipe.training === undefined)
    throw new UsageError(`${recipe.name} is a network that is counted; it has no training`);
  const settings = recipe.training(configuration);
  const { count, channels, height, width } = data.train;
  const expected = recipe.image.join('×');
  if ([channels, height, width].join('×') !== expected) {
    throw new UsageError(`${recipe.name} takes images of ${expected}, ${data.name} has ${channels}×${height}×${width}`);
  }
  const held = Math.round(count * settings.validation);
  const [train, validation] = splitIndices(count, [count - held, held], seed) as [Uint32Array, Uint32Array];
  const stepsAnEpoch = Math.floor(train.length / settings.batch);
  return {
    model: recipe.model(configuration),
    data,
    split: { train, validation },
    map: { scale: settings.pixelScale },
    ...(settings.flip + settings.shift + settings.erase > 0 && { augment: augmentationOf(settings) }),
    batchSize: settings.batch,
    epochs: settings.epochs,
    optimiser: optimiserOf(settings),
    schedule: scheduleOf(settings, stepsAnEpoch),
    labelSmoothing: settings.labelSmoothing,
    ...(settings.averageDecay !== null && { averageDecay: settings.averageDecay }),
    ...(settings.patience !== null && { patience: settings.patience }),
    select: settings.select,
    seed,
  };
}

const augmentationOf = ({ flip, shift, erase }: ClassifierTraining) => ({
  flip,
  shift,
  ...(erase > 0 && { erase: { probability: erase } }),
});

/** @throws UsageError when its keys do not fit each other */
export function optimiserOf({ optimiser, momentum, nesterov, weightDecay, clipNorm }: ClassifierTraining): Transform {
  const clipping = clipNorm === null ? {} : { clipNorm };
  if (optimiser === 'sgd') return sgd({ momentum, nesterov, weightDecay, ...clipping });
  if (momentum > 0 || nesterov)
    throw new UsageError(`momentum and nesterov belong to sgd, the optimiser is ${optimiser}`);
  return (optimiser === 'adam' ? adam : adamW)({ weightDecay, ...clipping });
}
