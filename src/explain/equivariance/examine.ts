import type { Value } from '../../graph/graph.js';
import type { Module } from '../../nn/module.js';
import { parametersNamed } from '../../nn/parameters-named.js';
import { Trace } from '../../nn/trace.js';
import { compileGraph } from '../../runtime/compile.js';
import type { Runtime } from '../../runtime/session.js';
import type { Shape } from '../../tensor/shape.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { type Geometry, geometryOf } from './geometry.js';
import { equivarianceError, type Planes } from './layer-error.js';
import { type Shift, shiftPlanes, shiftsUpTo } from './shift.js';

/** How a layer of images answers to shifts of its input. */
export interface LayerEquivariance {
  readonly path: string;
  /** Its class, such as Conv2d. */
  readonly type: string;
  /** Pixels of the input from place to place of the output, downwards and rightwards. */
  readonly stride: readonly [number, number];
  /** By shift: see `equivarianceError`. */
  readonly errors: readonly { readonly shift: Shift; readonly error: number | undefined }[];
  /** The largest error of shifts that the stride divides, and of all; undefined where none left a place to compare. */
  readonly ofWholePlaces: number | undefined;
  readonly ofAll: number | undefined;
}

export interface EquivarianceOptions {
  readonly runtime: Runtime;
  /** Shifts of up to so many pixels either way; 3 by default. */
  readonly most?: number;
}

/**
 * Every layer of images by itself: its own input shifted, as the network gives it for some images.
 * @param images [N, C, H, W], prepared as the model takes them
 * @param parameters by name; more may be there
 * @returns no layer for a network that makes no images of images
 * @throws LegendaError when the images do not fit the model, or a parameter is missing
 */
export async function examineEquivariance(
  model: Module,
  images: Planes,
  parameters: ReadonlyMap<string, Tensor>,
  { runtime, most = 3 }: EquivarianceOptions,
): Promise<LayerEquivariance[]> {
  const layers = imageLayers(model, images.shape);
  if (layers.length === 0) return [];
  const inputs = await inputsOf(model, images, parameters, runtime);
  const examined: LayerEquivariance[] = [];
  for (const { path, type, module, geometry } of layers) {
    await using layer = await OpenLayer.open(model, module, inputs.get(path)!, parameters, runtime);
    const plain = await layer.run([0, 0]);
    const errors: { shift: Shift; error: number | undefined }[] = [];
    for (const shift of shiftsUpTo(most))
      errors.push({ shift, error: equivarianceError(plain, await layer.run(shift), geometry, layer.sides, shift) });
    const stride = [geometry[0].stride, geometry[1].stride] as const;
    const isWhole = ({ shift }: { readonly shift: Shift }) =>
      shift.every((by, axis) => by % stride[axis as 0 | 1] === 0);
    const largest = (some: typeof errors) => {
      const moved = some.filter(({ shift, error }) => error !== undefined && shift.some((by) => by !== 0));
      return moved.length > 0 ? Math.max(...moved.map(({ error }) => error!)) : undefined;
    };
    examined.push({
      path,
      type,
      stride,
      errors,
      ofWholePlaces: largest(errors.filter(isWhole)),
      ofAll: largest(errors),
    });
  }
  return examined;
}

interface ImageLayer {
  readonly path: string;
  readonly type: string;
  readonly module: Module;
  readonly input: Value;
  readonly geometry: Geometry;
}

/** The layers that make images of images, in the order in which they are used. */
function imageLayers(model: Module, shape: Shape, trace = traced(model, shape)): ImageLayer[] {
  return trace.calls.flatMap(({ path, module, leaf, nodes, input, output }) => {
    const geometry = leaf && nodes.length > 0 ? geometryOf(nodes) : undefined;
    if (geometry === undefined || !isImages(input) || !isImages(output)) return [];
    return [{ path, type: module.constructor.name, module: module as Module, input, geometry }];
  });
}

const isImages = (value: unknown): value is Value => (value as Partial<Value> | undefined)?.shape?.length === 4;

function traced(model: Module, shape: Shape): Trace {
  const trace = new Trace(model, false);
  model.call(trace.graph.input('images', { dtype: 'float32', shape }), trace);
  return trace;
}

/** What each layer is given, by its path. */
async function inputsOf(
  model: Module,
  { shape, data }: Planes,
  parameters: ReadonlyMap<string, Tensor>,
  runtime: Runtime,
): Promise<Map<string, Planes>> {
  const trace = traced(model, shape);
  const layers = imageLayers(model, shape, trace);
  for (const { path, input } of layers) trace.graph.output(`input/${path}`, input);
  const session = await compileGraph(runtime, trace.graph);
  try {
    const own = Object.fromEntries(parametersNamed(trace.parameters, parameters));
    const fetches = Object.fromEntries(layers.map(({ path }) => [`input/${path}`, true as const]));
    const found = await session.run({ images: tensor('float32', shape, data), ...own }, fetches);
    return new Map(layers.map(({ path }) => [path, found[`input/${path}`] as Planes]));
  } finally {
    await session.release();
  }
}

/** A layer compiled for its input. */
class OpenLayer implements AsyncDisposable {
  readonly #run: (data: Float32Array) => Promise<Planes>;
  readonly #release: () => Promise<void>;
  readonly #input: Planes;

  private constructor(input: Planes, run: (data: Float32Array) => Promise<Planes>, release: () => Promise<void>) {
    this.#input = input;
    this.#run = run;
    this.#release = release;
  }

  static async open(
    model: Module,
    module: Module,
    input: Planes,
    parameters: ReadonlyMap<string, Tensor>,
    runtime: Runtime,
  ): Promise<OpenLayer> {
    const trace = new Trace(model, false);
    trace.graph.output(
      'output',
      module.call(trace.graph.input('input', { dtype: 'float32', shape: input.shape }), trace),
    );
    const own = Object.fromEntries(parametersNamed(trace.parameters, parameters));
    const session = await compileGraph(runtime, trace.graph);
    const run = async (data: Float32Array): Promise<Planes> => {
      const feeds = { input: tensor('float32', input.shape, data), ...own };
      const { output } = await session.run(feeds, { output: true });
      return output as Planes;
    };
    return new OpenLayer(input, run, () => session.release());
  }

  /** Height and width of its input. */
  get sides(): readonly [number, number] {
    return this.#input.shape.slice(2) as [number, number];
  }

  /** Its output for the shifted input. */
  run(shift: Shift): Promise<Planes> {
    return this.#run(shiftPlanes(this.#input.data, ...this.sides, shift));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release();
  }
}
