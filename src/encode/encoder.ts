import { createHash } from 'node:crypto';
import { type Preprocessing, resampling } from '../data/images/preprocess.js';
import { LegendaError } from '../errors.js';
import { readOnnxFile } from '../models/onnx-file.js';
import { initialParameters } from '../nn/module.js';
import { OnnxModule } from '../nn/onnx-module.js';
import { Trace } from '../nn/trace.js';
import { lastFeatureMap } from '../onnx/global-pool.js';
import { writeOnnx } from '../onnx/write.js';
import { reshape, transpose } from '../ops/build.js';
import type { Runtime, Session } from '../runtime/session.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import { tensor } from '../tensor/tensor.js';

export interface EncoderOptions {
  /** Tensor of the file that has the features; when left out, its output, or a classifier's last feature map. */
  readonly features?: string;
  /** Whether the file's output is scores of classes, and not features. */
  readonly isClassifier?: boolean;
  readonly preprocessing: Preprocessing;
  /** Images at once, from 1. */
  readonly batch: number;
}

export const maxEncoderBytes = 2 ** 30;

/** An ONNX image model, cut at a tensor, that says of every region of an image what is there. */
export class Encoder implements AsyncDisposable {
  /** All that the features depend on besides the image. */
  readonly key: string;
  /** [regions, features] of an image. */
  readonly shape: Shape;
  readonly batch: number;
  readonly preprocessing: Preprocessing;
  readonly #session: Session;

  private constructor(session: Session, key: string, shape: Shape, { batch, preprocessing }: EncoderOptions) {
    this.#session = session;
    this.key = key;
    this.shape = shape;
    this.batch = batch;
    this.preprocessing = preprocessing;
  }

  /**
   * @param path of an ONNX file with one input, images [N, 3, side, side]; untrusted
   * @throws LegendaError naming the file when it cannot be read, has no such tensor, or that is no feature map [N, features,
   *   h, w] or vector [N, features]
   */
  static async open(runtime: Runtime, path: string, options: EncoderOptions): Promise<Encoder> {
    const { preprocessing, batch, isClassifier = false } = options;
    const bytes = await readOnnxFile(path, maxEncoderBytes);
    const { model, shape, name } = namingFile(path, () => {
      const features = options.features ?? (isClassifier ? cutClassifier(bytes) : undefined);
      return traceRegions(bytes, features, batch, preprocessing.side);
    });
    const key = [
      `encoder ${createHash('sha256').update(bytes).digest('hex')} ${name}`,
      `preprocessing ${JSON.stringify(preprocessing)} ${resampling}`,
      `runtime ${runtime.name} ${runtime.version}`,
    ].join('\n');
    const session = await runtime.compile(model);
    return new Encoder(session, key, shape, options);
  }

  /**
   * @param pixels [batch, 3, side, side], as the preprocessing says
   * @returns [batch, regions, features]
   */
  async encode(pixels: Float32Array): Promise<Float32Array> {
    const { side } = this.preprocessing;
    const { regions } = await this.#session.run(
      { images: tensor('float32', [this.batch, 3, side, side], pixels) },
      { regions: true },
    );
    return regions!.data as Float32Array;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

/**
 * The tensor of a classifier that has the features of regions.
 * @throws LegendaError when there is none
 */
export function cutClassifier(bytes: Uint8Array): string {
  const features = lastFeatureMap(bytes, maxEncoderBytes);
  if (features === undefined)
    throw new LegendaError('there is no global average pooling to cut it at: name the tensor that has the features');
  return features;
}

/** The graph from `images` to `regions` [batch, regions, features], with its parameters inside, as ONNX. */
function traceRegions(bytes: Uint8Array, features: string | undefined, batch: number, side: number) {
  const module = new OnnxModule(bytes, features === undefined ? {} : { outputs: [features] });
  const [name] = module.outputs as [string];
  const trace = new Trace(module, false);
  const maps = module.call(trace.graph.input('images', { dtype: 'float32', shape: [batch, 3, side, side] }), trace);
  const [rows, size, ...rest] = maps.shape as [number, number, ...number[]];
  if (rows !== batch || maps.dtype !== 'float32' || (rest.length !== 0 && rest.length !== 2)) {
    throw new LegendaError(
      `the tensor "${name}" is ${formatShape(maps.shape)} for ${batch} images, feature maps [N, features, h, w] or vectors [N, features] are expected`,
    );
  }
  const regions = rest.reduce((product, side) => product * side, 1);
  trace.graph.output('regions', transpose(reshape(maps, [batch, size, regions]), [0, 2, 1]));
  const parameters = initialParameters(module, 0);
  return {
    model: writeOnnx(trace.graph, {
      initialisers: new Map([...trace.parameters.keys()].map((key) => [key, parameters.get(key)!])),
    }),
    shape: [regions, size],
    name,
  };
}

function namingFile<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof LegendaError) throw new LegendaError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}
