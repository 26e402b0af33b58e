import { UsageError } from '../errors.js';
import { initialParameters } from '../nn/module.js';
import { trainingSchema } from '../recipes/classifier-schema.js';
import { configure } from '../recipes/configure.js';
import { captionOptimiserOf, networkOf } from '../recipes/prepare-captioner.js';
import type { CaptionerRecipe, ClassifierRecipe, Recipe } from '../recipes/recipe.js';
import { optimiserOf } from '../recipes/train-recipe.js';
import { fillUniform, integer, stream, uniform } from '../tensor/random.js';
import { type Shape, sizeOf } from '../tensor/shape.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { special } from '../text/vocabulary.js';
import { captionStep } from '../train/captioner.js';
import { classifierStep } from '../train/classifier.js';
import type { StepGraph } from '../train/step-graph.js';

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

/** A 7×7 feature map of a small ResNet, and captions as UCM-Captions has them. */
export const captionSizes: CaptionSizes = { regions: 49, regionSize: 512, words: 20, vocabulary: 1000 };

export interface DrawOptions {
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

const seed = 1;
/** Of every classifier's recipe. */
const classes = 10;

function drawClassifierStep(recipe: ClassifierRecipe, { settings = {}, batch, sizes }: DrawOptions): DrawnStep {
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
  const definition = classifierStep({ ...resolved, ...(averageDecay !== undefined && { averageDecay }) }, recipe.image);
  const graphTime = performance.now() - start;
  return {
    recipe: recipe.name,
    batch: batchSize,
    definition,
    parameters: initialParameters(model, seed),
    feeds: { pixels, labels: drawWhole('labels', batchSize, 0, classes - 1) },
    learningRate,
    graphTime,
  };
}

/** Keys of a captioner that say what it is shown, which is drawn here. */
const keysOfData = [
  ...['dataset', 'scenes', 'words', 'leastCount', 'encoder', 'features'],
  ...['preprocessing', 'fineTune', 'channels', 'side'],
];

function drawCaptionerStep(recipe: CaptionerRecipe, { settings = {}, batch, sizes = {} }: DrawOptions): DrawnStep {
  const given = keysOfData.find((key) => Object.hasOwn(settings, key));
  if (given !== undefined)
    throw new UsageError(`"${given}" changes nothing here: a captioner is measured on drawn regions and captions`);
  const configuration = configure(recipe, withBatch(settings, batch));
  const training = recipe.training(configuration);
  const regions = sizes.regions ?? captionSizes.regions;
  const regionSize = sizes.regionSize ?? captionSizes.regionSize;
  const words = sizes.words ?? captionSizes.words;
  const vocabulary = sizes.vocabulary ?? captionSizes.vocabulary;
  if (vocabulary <= special.length)
    throw new UsageError(`vocabulary: more than the ${special.length} special words are expected, ${vocabulary} came`);
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
    graphTime,
  };
}

/** @throws UsageError when the batch is said twice */
function withBatch(settings: Readonly<Record<string, unknown>>, batch: number | undefined): Record<string, unknown> {
  if (batch === undefined) return { ...settings };
  if (Object.hasOwn(settings, 'batch')) throw new UsageError('"batch" is set twice');
  return { ...settings, batch };
}

const largestBatch = 2 ** 31;

/** Numbers in [0, 1). @throws UsageError when they are more than a batch may be */
function drawUniform(name: string, shape: Shape): Tensor {
  const bytes = 4 * sizeOf(shape);
  if (bytes > largestBatch)
    throw new UsageError(`${name} of ${shape.join('×')} take ${bytes} bytes, at most ${largestBatch} are accepted`);
  return tensor('float32', shape, fillUniform(stream(seed, name), new Float32Array(sizeOf(shape)), 0, 1));
}

function drawWhole(name: string, count: number, low: number, high: number): Tensor {
  const random = stream(seed, name);
  return tensor(
    'int64',
    [count],
    BigInt64Array.from({ length: count }, () => BigInt(integer(random, low, high))),
  );
}

function drawOwn(count: number, rate: number): Tensor {
  const random = stream(seed, 'own');
  return tensor(
    'bool',
    [count],
    Uint8Array.from({ length: count }, () => Number(uniform(random) < rate)),
  );
}
