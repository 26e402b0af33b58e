import { UsageError } from '../errors.js';
import { initialParameters } from '../nn/module.js';
import { trainingSchema } from '../recipes/classifier-schema.js';
import { configure } from '../recipes/configure.js';
import { captionOptimiserOf, networkOf } from '../recipes/prepare-captioner.js';
import type { CaptionerRecipe, ClassifierRecipe, Recipe } from '../recipes/recipe.js';
import { optimiserOf } from '../recipes/train-recipe.js';
import type { Tensor } from '../tensor/tensor.js';
import { special } from '../text/vocabulary.js';
import { captionStep } from '../train/captioner.js';
import { chooseStepsAtOnce } from '../train/choose-steps-at-once.js';
import { classifierStep } from '../train/classifier.js';
import type { StepForm, StepGraph } from '../train/step-graph.js';
import { drawOwn, drawUniform, drawWhole, seed } from './drawn-tensors.js';

/** What a captioner's encoder and captions would decide. */
export interface CaptionSizes {
  /** Of an image, from 1. */
  readonly regions: number;
  /** Numbers that describe a region, from 1. */
  readonly regionSize: number;
  /** Of every caption, its end among them; from 1. */
  readonly words: number;
  /** Words that are known, from 5: four are special. */
  readonly vocabulary: number;
}

/** A 7×7 feature map of a small ResNet, and the words and vocabulary that the benchmark against PyTorch takes. */
export const captionSizes: CaptionSizes = { regions: 49, regionSize: 512, words: 20, vocabulary: 1000 };

export interface DrawOptions extends StepForm {
  /** Changes to the recipe's configuration. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Examples a step, from 1; as configured when left out. */
  readonly batch?: number | undefined;
  /** For captioners; `captionSizes` where left out. */
  readonly sizes?: { readonly [Key in keyof CaptionSizes]?: CaptionSizes[Key] | undefined };
}

/** A recipe's training step with parameters and one batch of drawn data: nothing is read from disk. */
export interface DrawnStep {
  readonly recipe: string;
  readonly batch: number;
  readonly definition: StepGraph;
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly learningRate: number;
  /** How many steps a training takes in one run. */
  readonly stepsAtOnce: number;
  /** Milliseconds that tracing, differentiating and all passes took. */
  readonly graphTime: number;
}

/**
 * A recipe's training step on drawn data of the right shapes. A captioner is shown regions as an encoder gives them, and
 * captions that are all of one length. Networks that are only counted are trained as `fashion-cnn` is by default.
 * @throws UsageError when settings or sizes are not accepted
 */
export const drawStep = (recipe: Recipe, options: DrawOptions = {}): DrawnStep =>
  recipe.kind === 'classifier' ? drawClassifierStep(recipe, options) : drawCaptionerStep(recipe, options);

/** Of every classifier's recipe. */
const classes = 10;

function drawClassifierStep(
  recipe: ClassifierRecipe,
  { settings = {}, batch, device = 'cpu', threads, without, sizes }: DrawOptions,
): DrawnStep {
  for (const [name, value] of Object.entries(sizes ?? {}))
    if (value !== undefined) throw new UsageError(`${name} is a size of captioners, ${recipe.name} is a classifier`);
  const isTrained = recipe.training !== undefined;
  const configuration = configure(recipe, isTrained ? withBatch(settings, batch) : settings);
  const training = recipe.training?.(configuration) ?? trainingSchema.parse(batch === undefined ? {} : { batch });
  const model = recipe.model(configuration);
  const averageDecay = training.averageDecay ?? undefined;
  const { labelSmoothing, lr: learningRate, batch: batchSize } = training;
  const resolved = { model, batchSize, labelSmoothing, optimiser: optimiserOf(training) };
  const pixels = drawUniform('pixels', [batchSize, ...recipe.image]);
  const start = performance.now();
  const averaged = { ...resolved, ...(averageDecay !== undefined && { averageDecay }) };
  const definition = classifierStep(averaged, recipe.image, { device, threads, without });
  const graphTime = performance.now() - start;
  return {
    recipe: recipe.name,
    batch: batchSize,
    definition,
    parameters: initialParameters(model, seed),
    feeds: { pixels, labels: drawWhole('labels', batchSize, 0, classes - 1) },
    learningRate,
    stepsAtOnce: chooseStepsAtOnce(definition, device),
    graphTime,
  };
}

/** Keys of a captioner that say what it is shown, which is drawn here. */
const keysOfData = [
  ...['dataset', 'scenes', 'words', 'leastCount', 'encoder', 'features'],
  ...['preprocessing', 'fineTune', 'channels', 'side'],
];

function drawCaptionerStep(
  recipe: CaptionerRecipe,
  { settings = {}, batch, device = 'cpu', threads, without, sizes = {} }: DrawOptions,
): DrawnStep {
  const given = keysOfData.find((key) => Object.hasOwn(settings, key));
  if (given !== undefined)
    throw new UsageError(`"${given}" changes nothing here: a captioner is measured on drawn regions and captions`);
  const configuration = configure(recipe, withBatch(settings, batch));
  const training = recipe.training(configuration);
  const { regions, regionSize, words, vocabulary } = resolveSizes(sizes);
  const network = networkOf(recipe, configuration, { vocabulary, features: regionSize, encoder: undefined });
  const { averageDecay, batch: batchSize } = training;
  const count = words * batchSize;
  const images = drawUniform('images', [batchSize, regions, regionSize]);
  const start = performance.now();
  const definition = captionStep(
    {
      network,
      images: { shape: [regions, regionSize] },
      batchSize,
      words: count,
      labelSmoothing: training.labelSmoothing,
      scheduledSampling: training.scheduledSampling,
      attentionPenalty: training.attentionPenalty,
      optimiser: captionOptimiserOf(training),
      device,
      threads,
      without,
      ...(averageDecay !== null && { averageDecay }),
    },
    new Array<number>(words).fill(batchSize),
  );
  const graphTime = performance.now() - start;
  return {
    recipe: recipe.name,
    batch: batchSize,
    definition,
    parameters: initialParameters(network, seed),
    feeds: {
      images,
      words: drawWhole('words', count, special.length, vocabulary - 1),
      targets: drawWhole('targets', count, special.length, vocabulary - 1),
      ...(training.scheduledSampling > 0 && { own: drawOwn(count, training.scheduledSampling) }),
    },
    learningRate: training.lr,
    stepsAtOnce: 1,
    graphTime,
  };
}

/** @throws UsageError naming the size that is out of range */
function resolveSizes(given: NonNullable<DrawOptions['sizes']>): CaptionSizes {
  const sizes: { -readonly [Key in keyof CaptionSizes]: number } = { ...captionSizes };
  for (const key of Object.keys(sizes) as (keyof CaptionSizes)[]) {
    const size = given[key] ?? sizes[key];
    const low = key === 'vocabulary' ? special.length + 1 : 1;
    if (!Number.isSafeInteger(size) || size < low)
      throw new UsageError(`${key}: a whole number from ${low} is expected, ${size} came`);
    sizes[key] = size;
  }
  return sizes;
}

/** @throws UsageError when the batch is said twice */
function withBatch(settings: Readonly<Record<string, unknown>>, batch: number | undefined): Record<string, unknown> {
  if (batch === undefined) return { ...settings };
  if (Object.hasOwn(settings, 'batch')) throw new UsageError('"batch" is set twice');
  return { ...settings, batch };
}
