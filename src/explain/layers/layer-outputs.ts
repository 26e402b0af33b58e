import { LegendaError } from '../../errors.js';
import type { AnyModule, Module } from '../../nn/module.js';
import { parametersNamed } from '../../nn/parameters-named.js';
import { Trace } from '../../nn/trace.js';
import { compileGraph } from '../../runtime/compile.js';
import type { Runtime, Session } from '../../runtime/session.js';
import type { Shape } from '../../tensor/shape.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Geometry } from '../equivariance/geometry.js';
import { layersOf, moduleAt } from './output-of.js';
import { receptiveField } from './receptive-field.js';

/** A layer whose outputs are looked at. */
export interface Layer {
  readonly path: string;
  /** Its class, such as Conv2d. */
  readonly type: string;
  /** [N, C, …] */
  readonly shape: Shape;
  /** What a place of it sees of the image; undefined where that is not one square. */
  readonly field: Geometry | undefined;
}

/** What layers give for images, compiled for some images at once. */
export class LayerOutputs implements AsyncDisposable {
  readonly layers: readonly Layer[];
  readonly #session: Session;
  readonly #images: Shape;
  readonly #parameters: Readonly<Record<string, Tensor>>;

  private constructor(
    session: Session,
    images: Shape,
    layers: readonly Layer[],
    parameters: Readonly<Record<string, Tensor>>,
  ) {
    this.#session = session;
    this.#images = images;
    this.layers = layers;
    this.#parameters = parameters;
  }

  /**
   * @param images shape of a batch, [N, C, H, W]
   * @param parameters by name; more may be there. Not copied
   * @param wanted paths of layers; all that compute something and call no others, when left out
   * @throws LegendaError when images or parameters do not fit, or there is no such layer
   */
  static async compile(
    runtime: Runtime,
    model: Module,
    images: Shape,
    parameters: ReadonlyMap<string, Tensor>,
    wanted?: readonly string[],
  ): Promise<LayerOutputs> {
    const trace = new Trace(model, false);
    model.call(trace.graph.input('images', { dtype: 'float32', shape: images }), trace);
    // a layer that is called again counts as it was called last
    const all = [...new Map(layersOf(trace).map((layer) => [layer.path, layer])).values()];
    const chosen = wanted === undefined ? all : [...new Set(wanted)].map((path) => layerAt(model, path, all));
    for (const { path, output } of chosen) trace.graph.output(path, output);
    const layers = chosen.map(({ path, module, output }) => ({
      path,
      type: module.constructor.name,
      shape: output.shape,
      field: receptiveField(output),
    }));
    const own = Object.fromEntries(parametersNamed(trace.parameters, parameters));
    return new LayerOutputs(await compileGraph(runtime, trace.graph), images, layers, own);
  }

  /**
   * @param pixels of N images
   * @returns by path, a tensor of the layer's shape
   */
  async run(pixels: Float32Array): Promise<ReadonlyMap<string, Float32Array>> {
    const feeds = { ...this.#parameters, images: tensor('float32', this.#images, pixels) };
    const found = await this.#session.run(
      feeds,
      Object.fromEntries(this.layers.map(({ path }) => [path, true as const])),
    );
    return new Map(this.layers.map(({ path }) => [path, found[path]!.data as Float32Array]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

function layerAt(model: AnyModule, path: string, all: ReturnType<typeof layersOf>) {
  const module = moduleAt(model, path);
  const found = all.findLast((layer) => layer.module === module);
  if (found !== undefined) return found;
  const known = all.map((layer) => layer.path);
  throw new LegendaError(`"${path}" is no layer with channels of its own; there are ${known.join(', ')}`);
}
