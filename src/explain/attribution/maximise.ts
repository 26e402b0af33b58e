import { UsageError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import { type AnyModule, Module } from '../../nn/module.js';
import { Parameter } from '../../nn/parameter.js';
import type { Trace } from '../../nn/trace.js';
import { add, div, gather, mul, reduceMean, reduceSum, sigmoid, slice, sub } from '../../ops/build.js';
import { adam } from '../../optim/optimisers.js';
import type { Runtime } from '../../runtime/session.js';
import { fillNormal, integer, stream } from '../../tensor/random.js';
import { type Shape, sizeOf } from '../../tensor/shape.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { TrainingStep } from '../../train/step.js';
import { buildStep } from '../../train/step-graph.js';
import { InputGradients } from './input-gradients.js';
import type { Scorer } from './scorer.js';

export interface MaximiseOptions {
  readonly runtime: Runtime;
  /** [C, H, W] of an image. */
  readonly image: Shape;
  /** What turns a value in [0, 1] into what the model takes, by channel: (value - mean) / std. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Of the first picture: grey with noise. */
  readonly seed: number;
  /** 192 by default. */
  readonly steps?: number;
  /** Adam's, in the pixels' logits; 0.1 by default. */
  readonly learningRate?: number;
  /** Weight of the mean squared difference of neighbouring pixels, against the score; 0.5 by default. */
  readonly smoothness?: number;
  /** Pixels that the picture is moved by, either way, before every step; 1 by default. */
  readonly jitter?: number;
}

export interface Maximised {
  /** [K, C, H, W] in [0, 1]: a picture for each of the scores that were asked for. */
  readonly pictures: Float32Array;
  /** The same as the model takes them. */
  readonly images: Float32Array;
  /** Scores of the first pictures, and of the last. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * Pictures that make scores as high as they can be found by gradient ascent on the pixels (Erhan and others, 2009), kept within
 * [0, 1] by a sigmoid, smooth by a penalty, and free of what only fits one place by moving them a little before every step.
 *
 * @param chosen which of the scorer's K; all are done at once
 * @param parameters of the scorer's model by name; more may be there
 * @throws UsageError when an option is out of range; LegendaError when the scorer has no gradient
 */
export async function maximise(
  scorer: Scorer,
  chosen: readonly number[],
  parameters: ReadonlyMap<string, Tensor>,
  options: MaximiseOptions,
): Promise<Maximised> {
  const { runtime, image, mean, std, seed, steps = 192, learningRate = 0.1, smoothness = 0.5, jitter = 1 } = options;
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new UsageError(`steps: a whole number from 1 is expected, ${steps} came`);
  const [channels] = image as [number];
  for (const [name, values] of Object.entries({ mean, std }))
    if (values.length !== channels || !values.every(Number.isFinite))
      throw new UsageError(`${name}: a number for each of ${channels} channels is expected, ${values.join(', ')} came`);
  if (std.includes(0)) throw new UsageError('std: numbers other than 0 are expected');
  const shape = [chosen.length, ...image];
  const [height, width] = image.slice(1) as [number, number];
  const seen = { mean: byChannel(mean), std: byChannel(std) };
  await using judge = await InputGradients.compile(runtime, scorer, shape, parameters);
  const first = fillNormal(stream(seed, 'maximise'), new Float32Array(sizeOf(shape)), 0, 1);
  const imagesOf = (logits: Float32Array): Float32Array =>
    logits.map((logit, i) => {
      const channel = Math.floor(i / (height * width)) % mean.length;
      return (squashed(logit) - mean[channel]!) / std[channel]!;
    });
  const scoresOf = async (logits: Float32Array): Promise<number[]> => {
    const scores = await judge.scores(imagesOf(logits));
    return chosen.map((score, i) => scores[i * judge.count + score]!);
  };
  const before = await scoresOf(first);
  const weights = tensor('float32', [chosen.length, judge.count], judge.choose(chosen));
  const definition = buildStep({
    device: runtime.device,
    threads: runtime.threads,
    model: new Pictures(scorer.model, shape, seen),
    inputs: { rows: { dtype: 'int64', shape: [height] }, columns: { dtype: 'int64', shape: [width] } },
    evaluating: true,
    frozen: (name) => name !== 'pixels',
    optimiser: adam(),
    loss: (model, { rows, columns }, trace) => {
      const { pictures, images } = model.call({ rows: rows!, columns: columns! }, trace);
      const score = reduceSum(mul(scorer.scores(images, trace), trace.graph.constant(weights)));
      return { loss: sub(mul(roughness(pictures), smoothness * chosen.length), score) };
    },
  });
  const own = [...parameters].map(([name, value]) => [`network.${name}`, value] as const);
  const state = new Map<string, Tensor>([...own, ['pixels', tensor('float32', shape, first)]]);
  await using step = await TrainingStep.compile(runtime, definition, state, seed);
  const random = stream(seed, 'jitter');
  for (let i = 0; i < steps; i++) {
    const [down, right] = [integer(random, -jitter, jitter), integer(random, -jitter, jitter)];
    await step.run(i, learningRate, { rows: shifted(height, down), columns: shifted(width, right) });
  }
  const last = ((await step.state()).get('pixels')!.data as Float32Array).slice();
  return { pictures: last.map(squashed), images: imagesOf(last), before, after: await scoresOf(last) };
}

const byChannel = (values: readonly number[]): Tensor => tensor('float32', [1, values.length, 1, 1], [...values]);

const squashed = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** Places of a side, moved by some; those at the edge are repeated. */
const shifted = (side: number, by: number): Tensor =>
  tensor(
    'int64',
    [side],
    BigInt64Array.from({ length: side }, (_, i) => BigInt(Math.min(side - 1, Math.max(0, i + by)))),
  );

/** The mean squared difference of neighbours, downwards and rightwards. @param pictures [K, C, H, W] */
function roughness(pictures: Value): Value {
  const between = (axis: number): Value => {
    const side = pictures.shape[axis]!;
    const difference = sub(slice(pictures, [1], [side], [axis]), slice(pictures, [0], [side - 1], [axis]));
    return reduceMean(mul(difference, difference));
  };
  return add(between(2), between(3));
}

interface Seen {
  /** [1, C, 1, 1] */
  readonly mean: Tensor;
  readonly std: Tensor;
}

interface Moves {
  /** int64 [H]: the row that comes to each place. */
  readonly rows: Value;
  /** int64 [W] */
  readonly columns: Value;
}

interface Drawn {
  /** [K, C, H, W] in [0, 1] */
  readonly pictures: Value;
  /** Moved, and as the network takes them. */
  readonly images: Value;
}

/** Pictures whose pixels are what is trained, before a network that stays as it is. */
class Pictures extends Module<Moves, Drawn> {
  /** Logits, [K, C, H, W]. */
  readonly pixels: Parameter;
  readonly network: AnyModule;
  readonly #seen: Seen;

  constructor(network: AnyModule, shape: Shape, seen: Seen) {
    super();
    this.pixels = new Parameter(shape, () => {});
    this.network = network;
    this.#seen = seen;
  }

  protected forward({ rows, columns }: Moves, trace: Trace): Drawn {
    const { mean, std } = this.#seen;
    const pictures = sigmoid(trace.parameter(this.pixels));
    const moved = gather(gather(pictures, rows, 2), columns, 3);
    return { pictures, images: div(sub(moved, trace.graph.constant(mean)), trace.graph.constant(std)) };
  }
}
