import { gradients } from '../../autodiff/gradients.js';
import { LegendaError, UsageError } from '../../errors.js';
import { parametersNamed } from '../../nn/parameters-named.js';
import { Trace } from '../../nn/trace.js';
import { mul, reduceSum } from '../../ops/build.js';
import { compileGraph } from '../../runtime/compile.js';
import type { Runtime, Session } from '../../runtime/session.js';
import { formatShape, type Shape, sizeOf } from '../../tensor/shape.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Scorer } from './scorer.js';

/** Scores of images and their gradients in the pixels, compiled for some images at once. */
export class InputGradients implements AsyncDisposable {
  /** [N, C, H, W] */
  readonly images: Shape;
  /** K: scores an image. */
  readonly count: number;
  /** ONNX Runtime computes all outputs whether they are asked for or not: scores alone have a session of their own. */
  readonly #forward: Session;
  readonly #session: Session;

  private constructor(forward: Session, session: Session, images: Shape, count: number) {
    this.#forward = forward;
    this.#session = session;
    this.images = images;
    this.count = count;
  }

  /**
   * @param images shape of a batch, [N, C, H, W]
   * @param parameters of the model by name; more may be there
   * @throws LegendaError when images or parameters do not fit, or an op on the way has no gradient
   */
  static async compile(
    runtime: Runtime,
    { model, scores }: Scorer,
    images: Shape,
    parameters: ReadonlyMap<string, Tensor>,
  ): Promise<InputGradients> {
    const trace = new Trace(model, false);
    const { graph } = trace;
    const pixels = graph.input('images', { dtype: 'float32', shape: images });
    const found = scores(pixels, trace);
    const [n, count, ...rest] = found.shape as [number, number, ...number[]];
    if (n !== images[0] || rest.length > 0)
      throw new LegendaError(`scores [${images[0]}, K] are expected, they are ${formatShape(found.shape)}`);
    graph.output('scores', found);
    // inside the file they are packed once, and convolutions take the layout that suits them
    const initialisers = parametersNamed(trace.parameters, parameters);
    const ahead = await compileGraph(runtime, graph, { initialisers });
    try {
      const weights = graph.input('weights', found);
      const [gradient] = gradients(reduceSum(mul(found, weights)), [pixels]);
      graph.output('gradient', gradient!);
      const whole = await compileGraph(runtime, graph, { initialisers });
      return new InputGradients(ahead, whole, images, count);
    } catch (error) {
      await ahead.release();
      throw error;
    }
  }

  /**
   * @param pixels of N images
   * @returns [N, K]
   */
  async scores(pixels: Float32Array): Promise<Float32Array> {
    const { scores } = await this.#forward.run({ images: this.#images(pixels) }, { scores: true });
    return scores!.data as Float32Array;
  }

  /**
   * @param pixels of N images
   * @param weights [N, K]: the gradient is that of Σ weights·scores, image by image
   * @returns scores [N, K], and gradient [N, C, H, W]
   */
  async run(
    pixels: Float32Array,
    weights: Float32Array,
  ): Promise<{ readonly scores: Float32Array; readonly gradient: Float32Array }> {
    const feeds = { images: this.#images(pixels), weights: tensor('float32', [this.images[0]!, this.count], weights) };
    const { scores, gradient } = await this.#session.run(feeds, { scores: true, gradient: true });
    return { scores: scores!.data as Float32Array, gradient: gradient!.data as Float32Array };
  }

  /**
   * Weights that choose one score of each image.
   * @param chosen by image, from 0 to K-1
   * @throws UsageError when one is no score, or there are more than images
   */
  choose(chosen: readonly number[]): Float32Array {
    const [images] = this.images as [number];
    if (chosen.length > images) throw new UsageError(`scores of ${images} images are chosen, ${chosen.length} came`);
    for (const score of chosen) this.checkScore(score);
    const weights = new Float32Array(this.images[0]! * this.count);
    for (const [image, score] of chosen.entries()) weights[image * this.count + score] = 1;
    return weights;
  }

  /** @throws UsageError when it is none of the K */
  checkScore(score: number): void {
    if (!(Number.isInteger(score) && score >= 0 && score < this.count))
      throw new UsageError(`score: a whole number from 0 to ${this.count - 1} is expected, ${score} came`);
  }

  /** @throws UsageError when there are not as many values as an image has */
  checkImage(name: string, { length }: ArrayLike<number>): void {
    if (length !== this.size) throw new UsageError(`${name}: ${this.size} values are expected, ${length} came`);
  }

  /** Values an image. */
  get size(): number {
    return sizeOf(this.images.slice(1));
  }

  #images(pixels: Float32Array): Tensor {
    return tensor('float32', this.images, pixels);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.#forward.release(), this.#session.release()]);
  }
}
