import type { CaptionBatches } from '../data/captions/caption-batches.js';
import { DecoderSession } from '../decode/decoder-session.js';
import type { DecodedCaption } from '../decode/word-source.js';
import { imagesAtOnce, type Writing, writeCaptions } from '../decode/write-captions.js';
import { UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import type { BleuMode } from '../metrics/bleu.js';
import { type CaptionScores, type ScoredCaption, scoreCaptions } from '../metrics/caption-scores.js';
import type { CaptionNetwork } from '../models/caption-network.js';
import { crossEntropy } from '../nn/loss.js';
import { initialParameters } from '../nn/module.js';
import { add, cast, equal, mul, not, pad, reduceMean, split, sub, unsqueeze } from '../ops/build.js';
import type { Schedule } from '../optim/schedule.js';
import type { Transform } from '../optim/transform.js';
import type { Runtime } from '../runtime/session.js';
import { stream, uniform } from '../tensor/random.js';
import type { Shape } from '../tensor/shape.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { splitAtBlanks } from '../text/tokenise.js';
import { type Vocabulary, pad as wordOfNothing } from '../text/vocabulary.js';
import { imageBatches, imageTensor } from './image-batches.js';
import { TrainingStep } from './step.js';
import { buildStep, type StepForm, type StepGraph } from './step-graph.js';
import type { OpenTask, Place, Task } from './task.js';

/** What a caption network is shown: images, or features of them computed before. */
export interface ShownImages {
  /** Of one image, as the network takes it. */
  readonly shape: Shape;
  /** Writes images one behind the other. @param indices which */
  fill(indices: ArrayLike<number>, into: Float32Array): void | Promise<void>;
}

/** Images of a split with what people said of them, words joined by blanks. */
export interface CaptionedSplit {
  readonly images: readonly number[];
  readonly references: readonly (readonly string[])[];
}

/** A captioner's training, resolved. */
export interface CaptionTraining {
  readonly network: CaptionNetwork;
  readonly vocabulary: Vocabulary;
  readonly images: ShownImages;
  readonly batches: CaptionBatches;
  readonly batchSize: number;
  readonly validation: CaptionedSplit;
  /** Absent where the data set has none. */
  readonly test?: CaptionedSplit;
  readonly epochs: number;
  readonly optimiser: Transform;
  /** By step. */
  readonly schedule: Schedule;
  readonly labelSmoothing: number;
  /**
   * Probability, in the last epoch, of a word's place being taken by what the decoder itself would have said; rises evenly
   * from 0 (scheduled sampling; Bengio et al., 2015).
   */
  readonly scheduledSampling: number;
  /** How much it counts that every region be looked at once in all (doubly stochastic attention; Xu et al., 2015). */
  readonly attentionPenalty: number;
  /** Parameters that stay as they are, by name. */
  readonly frozen?: (name: string) => boolean;
  readonly averageDecay?: number;
  readonly patience?: number;
  readonly select: 'last' | 'best';
  /** Whose BLEU compares epochs. */
  readonly bleu: BleuMode;
  readonly writing: Writing;
  readonly seed: number;
}

/** How a captioner did on a split, and what it said. */
export interface CaptionResult {
  readonly scores: CaptionScores;
  /** By image of the split. */
  readonly captions: readonly ScoredCaption[];
}

/** @throws UsageError when there is nothing to validate on */
export function captionTask(training: CaptionTraining): Task<CaptionResult> {
  if (training.validation.images.length === 0) throw new UsageError('the data set has no validation images');
  const { batches, epochs, schedule, patience, select, network, seed } = training;
  return {
    batches: batches.batches,
    epochs,
    schedule,
    ...(patience !== undefined && { patience }),
    select,
    measure: 'bleu4',
    measures: ({ scores: { bleu, rougeL, ciderD, distinct } }) => ({
      bleu1: bleu[0].value,
      bleu2: bleu[1].value,
      bleu3: bleu[2].value,
      bleu4: bleu[3].value,
      rougeL: rougeL.value,
      ciderD: ciderD.value,
      distinct,
    }),
    open: (runtime, state) => OpenCaptioner.open(runtime, training, state ?? initialParameters(network, seed)),
  };
}

class OpenCaptioner implements OpenTask<CaptionResult> {
  /** A step takes long, and its state is large. */
  readonly stepsAtOnce = 1;
  readonly #training: CaptionTraining;
  readonly #step: TrainingStep;
  readonly #decoder: DecoderSession;
  readonly #images: Tensor;
  readonly test?: (parameters: ReadonlyMap<string, Tensor>) => Promise<CaptionResult>;

  private constructor(training: CaptionTraining, step: TrainingStep, decoder: DecoderSession) {
    const { test, batchSize, images } = training;
    this.#training = training;
    this.#step = step;
    this.#decoder = decoder;
    this.#images = imageTensor(batchSize, images);
    if (test) this.test = (parameters) => writeAndScore(decoder, training, test, parameters);
  }

  static async open(
    runtime: Runtime,
    training: CaptionTraining,
    state: ReadonlyMap<string, Tensor>,
  ): Promise<OpenCaptioner> {
    const { network, images, batches, seed } = training;
    const { device, threads } = runtime;
    const definition = captionStep({ ...training, words: batches.words, device, threads }, batches.batchSizes);
    const step = await TrainingStep.compile(runtime, definition, state, seed);
    try {
      const { writing } = training;
      const batch = { dtype: 'float32', shape: [imagesAtOnce(writing), ...images.shape] } as const;
      const options = { images: batch, rowsPerImage: writing.beam };
      return new OpenCaptioner(training, step, await DecoderSession.compile(runtime, network, options));
    } catch (error) {
      await step[Symbol.asyncDispose]();
      throw error;
    }
  }

  state(): Promise<ReadonlyMap<string, Tensor>> {
    return this.#step.state();
  }

  async steps({ step, epoch, batch }: Place, [learningRate]: readonly number[]): Promise<readonly number[]> {
    const { batches, images } = this.#training;
    const { images: indices, words, targets } = batches.batch(epoch, batch);
    await images.fill(indices, this.#images.data as Float32Array);
    const feeds = {
      images: this.#images,
      words: tensor('int64', [words.length], words),
      targets: tensor('int64', [targets.length], targets),
      ...this.#ownWords(step, epoch, words.length),
    };
    const { loss } = await this.#step.run(step, learningRate!, feeds);
    return [loss.data[0] as number];
  }

  /** Where the decoder's own words are taken in a step. */
  #ownWords(step: number, epoch: number, count: number): Readonly<Record<string, Tensor>> {
    const { scheduledSampling, epochs, seed } = this.#training;
    if (scheduledSampling === 0) return {};
    const rate = (scheduledSampling * epoch) / Math.max(epochs - 1, 1);
    const random = stream(seed, 'own words', step);
    const own = Uint8Array.from({ length: count }, () => Number(uniform(random) < rate));
    return { own: tensor('bool', [count], own) };
  }

  validate(parameters: ReadonlyMap<string, Tensor>): Promise<CaptionResult> {
    return writeAndScore(this.#decoder, this.#training, this.#training.validation, parameters);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#step[Symbol.asyncDispose]();
    await this.#decoder[Symbol.asyncDispose]();
  }
}

/** The step for batches of captions of which `batchSizes[t]` have a word for step t, ends among them. */
export function captionStep(
  {
    network,
    images,
    batchSize,
    labelSmoothing,
    scheduledSampling,
    attentionPenalty,
    optimiser,
    averageDecay,
    frozen,
    words: wordsPerBatch,
    device,
    threads,
    without,
  }: Pick<
    CaptionTraining,
    | 'network'
    | 'batchSize'
    | 'labelSmoothing'
    | 'scheduledSampling'
    | 'attentionPenalty'
    | 'optimiser'
    | 'averageDecay'
    | 'frozen'
  > & {
    readonly images: Pick<ShownImages, 'shape'>;
    /** That a batch has to say on average: batches of long captions, which have more, count for more. */
    readonly words: number;
  } & StepForm,
  batchSizes: readonly number[],
): StepGraph {
  const packed = [batchSizes.reduce((sum, rows) => sum + rows, 0)];
  return buildStep({
    model: network,
    inputs: {
      images: { dtype: 'float32', shape: [batchSize, ...images.shape] },
      words: { dtype: 'int64', shape: packed },
      targets: { dtype: 'int64', shape: packed },
      ...(scheduledSampling > 0 && { own: { dtype: 'bool', shape: packed } as const }),
    },
    loss: (model, { images: shown, words, targets, own }, trace) => {
      const captions = { images: shown!, batchSizes, words: words!, ...(own && { own }) };
      const { scores, attention } = model.call(captions, trace);
      const said = crossEntropy(scores, targets!, { labelSmoothing, ignoreIndex: wordOfNothing, over: wordsPerBatch });
      if (attention === undefined || attentionPenalty === 0) return { loss: said };
      return { loss: add(said, mul(unevenness(attention, targets!), attentionPenalty)) };
    },
    optimiser,
    averageDecay,
    device,
    threads,
    without,
    ...(frozen && { frozen }),
  });
}

/** Mean over images and regions of (1 - what was looked at in all words of the caption)². @param attention by step, [rows, L] */
function unevenness(attention: readonly Value[], targets: Value): Value {
  const sizes = attention.map(({ shape }) => shape[0]!);
  const counts = split(cast(not(equal(targets, wordOfNothing)), attention[0]!.dtype), sizes, 0);
  const looked = attention.map((weights, step) => {
    const counted = mul(weights, unsqueeze(counts[step]!, [1])); // (rows, L)
    return pad(counted, [0, 0, sizes[0]! - sizes[step]!, 0]); // (N, L)
  });
  const missing = sub(1, looked.reduce(add));
  return reduceMean(mul(missing, missing));
}

async function writeAndScore(
  decoder: DecoderSession,
  training: CaptionTraining,
  split: CaptionedSplit,
  parameters: ReadonlyMap<string, Tensor>,
): Promise<CaptionResult> {
  const { vocabulary, bleu } = training;
  const captions: ScoredCaption[] = [];
  for await (const { words } of writeAll(decoder, training, split.images, parameters)) {
    captions.push({
      candidate: vocabulary.decode(words).join(' '),
      references: split.references[captions.length]!,
    });
  }
  return { scores: scoreCaptions(captions, splitAtBlanks, bleu), captions };
}

/** A caption for every image, in order. */
export async function* writeAll(
  decoder: DecoderSession,
  { images, writing }: Pick<CaptionTraining, 'images' | 'writing'>,
  indices: readonly number[],
  parameters: ReadonlyMap<string, Tensor>,
): AsyncGenerator<DecodedCaption> {
  for await (const { batch, count } of imageBatches(images, indices, decoder.images))
    yield* await writeCaptions(await decoder.look(batch, parameters), count, writing);
}
