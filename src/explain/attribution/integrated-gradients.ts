import { UsageError } from '../../errors.js';
import type { InputGradients } from './input-gradients.js';

export interface IntegratedGradients {
  /** [C, H, W]: what each value adds to the score, against the baseline. */
  readonly attributions: Float32Array;
  /** Score of the image minus the baseline's: what the attributions should sum to. */
  readonly difference: number;
  readonly sum: number;
  /** Pieces that the way from baseline to image was cut into. */
  readonly pieces: number;
}

export interface IntegratedGradientsOptions {
  /** [C, H, W]: an image that says nothing, such as a black one. */
  readonly baseline: Float32Array;
  /** How far the sum may be from the difference, over the difference (over 0.0001, where that is smaller); 0.005 by default. */
  readonly tolerance?: number;
  /** Pieces at first, all of one length; 32 by default. */
  readonly pieces?: number;
  /** No more than so many, and no more than 256 MB of gradients; 2,048 by default. */
  readonly most?: number;
}

/**
 * Integrated gradients of one score (Sundararajan, Taly and Yan, 2017): (x - x')·∫₀¹ ∂F(x' + α(x - x'))/∂x dα, with α from the
 * baseline x' to the image x.
 *
 * The integral is a sum over pieces of the way, each with the gradient of its middle. How far a piece is off is known: its
 * attributions should sum to the difference of the scores at its ends. So the worst are cut in two until their sum is close
 * enough (what is too much in one piece may be too little in another); networks of ReLUs bend in few places, and there the pieces become short.
 *
 * @param pixels of one image, [C, H, W]
 * @param score which of the K
 * @throws UsageError when an option or the score is out of range, or pixels or baseline are no image
 */
export async function integratedGradients(
  model: InputGradients,
  pixels: Float32Array,
  score: number,
  { baseline, tolerance = 0.005, pieces = 32, most: wanted = 2048 }: IntegratedGradientsOptions,
): Promise<IntegratedGradients> {
  for (const [name, value] of Object.entries({ pieces, most: wanted }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new UsageError(`${name}: a whole number from 1 is expected, ${value} came`);
  model.checkScore(score);
  for (const [name, image] of Object.entries({ pixels, baseline })) model.checkImage(name, image);
  const most = Math.min(wanted, Math.max(pieces, Math.floor(gradientBytes / (4 * model.size))));
  const way = new Way(model, pixels, baseline, score);
  const first = Math.min(pieces, most);
  const edges = await way.scores(Array.from({ length: first + 1 }, (_, i) => i / first));
  let cut = await way.measure(
    Array.from({ length: first }, (_, i) => ({
      ...{ from: i / first, to: (i + 1) / first },
      ...{ before: edges[i]!, after: edges[i + 1]! },
    })),
  );
  const difference = edges.at(-1)! - edges[0]!;
  const sumOf = (parts: readonly Measured[]) => parts.reduce((sum, { adds }) => sum + adds, 0);
  const [batch] = model.images as [number];
  const allowed = tolerance * Math.max(Math.abs(difference), smallDifference);
  while (cut.length < most && Math.abs(sumOf(cut) - difference) > allowed) {
    const worst = [...cut].sort((a, b) => errorOf(b) - errorOf(a));
    const halved = worst.slice(0, Math.min(Math.ceil(batch / 2), most - cut.length));
    cut = [...worst.slice(halved.length), ...(await way.measure(halved.flatMap(halves)))];
  }
  const attributions = new Float64Array(model.size);
  for (const { from, to, gradient } of cut)
    for (let i = 0; i < attributions.length; i++)
      attributions[i]! += (to - from) * gradient[i]! * (pixels[i]! - baseline[i]!);
  return { attributions: Float32Array.from(attributions), difference, sum: sumOf(cut), pieces: cut.length };
}

/** Of the pieces that are kept. */
const gradientBytes = 256e6;

/** Scores that differ by less are taken to be the same. */
const smallDifference = 1e-4;

/** A part of the way, with the scores at its ends. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
}

interface Measured extends Piece {
  /** Score and gradient at its middle. */
  readonly middle: number;
  readonly gradient: Float32Array;
  /** What its attributions sum to. */
  readonly adds: number;
}

const errorOf = ({ adds, before, after }: Measured): number => Math.abs(adds - (after - before));

const halves = ({ from, to, before, after, middle }: Measured): Piece[] => [
  { from, to: (from + to) / 2, before, after: middle },
  { from: (from + to) / 2, to, before: middle, after },
];

/** The straight way from a baseline to an image. */
class Way {
  readonly #model: InputGradients;
  readonly #pixels: Float32Array;
  readonly #baseline: Float32Array;
  readonly #score: number;

  constructor(model: InputGradients, pixels: Float32Array, baseline: Float32Array, score: number) {
    this.#model = model;
    this.#pixels = pixels;
    this.#baseline = baseline;
    this.#score = score;
  }

  /** Scores at places of the way. @param places from 0, the baseline, to 1, the image */
  async scores(places: readonly number[]): Promise<number[]> {
    const found: number[] = [];
    for (const some of inBatches(places, this.#model.images[0]!)) {
      const scores = await this.#model.scores(this.#imagesAt(some));
      found.push(...some.map((_, i) => scores[i * this.#model.count + this.#score]!));
    }
    return found;
  }

  async measure(pieces: readonly Piece[]): Promise<Measured[]> {
    const [batch] = this.#model.images as [number];
    const { size, count } = this.#model;
    const weights = this.#model.choose(Array<number>(batch).fill(this.#score));
    const found: Measured[] = [];
    for (const some of inBatches(pieces, batch)) {
      const images = this.#imagesAt(some.map(({ from, to }) => (from + to) / 2));
      const { scores, gradient: gradients } = await this.#model.run(images, weights);
      for (const [i, piece] of some.entries()) {
        const gradient = gradients.slice(i * size, (i + 1) * size);
        const along = gradient.reduce((sum, value, j) => sum + value * (this.#pixels[j]! - this.#baseline[j]!), 0);
        const middle = scores[i * count + this.#score]!;
        found.push({ ...piece, middle, gradient, adds: (piece.to - piece.from) * along });
      }
    }
    return found;
  }

  #imagesAt(places: readonly number[]): Float32Array {
    const { size, images } = this.#model;
    const found = new Float32Array(images[0]! * size);
    for (const [i, along] of places.entries())
      for (let j = 0; j < size; j++)
        found[i * size + j] = this.#baseline[j]! + along * (this.#pixels[j]! - this.#baseline[j]!);
    return found;
  }
}

function* inBatches<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
