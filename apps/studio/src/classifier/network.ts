import { initialParameters, namedParameters, OnnxModule, type Session, Trace, tensor, writeOnnx } from 'legenda';
import { openWebRuntime } from 'legenda/web';

/** What comes out of one layer: maps of height and width. */
export interface Maps {
  readonly name: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** [channels, height, width] */
  readonly data: Float32Array;
}

export interface Seen {
  /** By class. */
  readonly probabilities: readonly number[];
  /** In the order of the network. */
  readonly layers: readonly Maps[];
}

export const side = 28;

/** A classifier's ONNX file, every feature map of which comes out. */
export class OpenNetwork {
  readonly #session: Session;
  readonly #maps: readonly string[];
  readonly #output: string;
  readonly #scale: number;

  private constructor(session: Session, maps: readonly string[], output: string, scale: number) {
    this.#session = session;
    this.#maps = maps;
    this.#output = output;
    this.#scale = scale;
  }

  /** @param scale what a byte is multiplied by @throws LegendaError when it does not take images of 1×28×28 */
  static async open(file: Uint8Array, scale: number): Promise<OpenNetwork> {
    const whole = new OnnxModule(file);
    const [output] = whole.outputs as [string];
    const parameters = namedParameters(whole);
    const maps = [...whole.tensors].flatMap(([name, { shape }]) =>
      shape.length === 4 && !parameters.has(name) && !whole.inputs.includes(name) ? [name] : [],
    );
    const module = new OnnxModule(file, { outputs: [...maps, output] });
    const trace = new Trace(module, false);
    const input = trace.graph.input('images', { dtype: 'float32', shape: [1, 1, side, side] });
    for (const [name, value] of module.all(input, trace)) trace.graph.output(`of/${name}`, value);
    const values = initialParameters(module, 0);
    const initialisers = new Map([...trace.parameters.keys()].map((key) => [key, values.get(key)!]));
    const runtime = await openWebRuntime();
    return new OpenNetwork(await runtime.compile(writeOnnx(trace.graph, { initialisers })), maps, output, scale);
  }

  /** @param pixels bytes from 0 to 255, [28, 28] */
  async see(pixels: ArrayLike<number>): Promise<Seen> {
    const images = tensor(
      'float32',
      [1, 1, side, side],
      Float32Array.from(pixels, (byte) => byte * this.#scale),
    );
    const fetches = Object.fromEntries([...this.#maps, this.#output].map((name) => [`of/${name}`, true as const]));
    const results = await this.#session.run({ images }, fetches);
    return {
      // every classifier ends in their logarithms
      probabilities: Array.from(results[`of/${this.#output}`]!.data as Float32Array, Math.exp),
      layers: this.#maps.map((name) => {
        const { shape, data } = results[`of/${name}`]!;
        const [, channels, height, width] = shape as [number, number, number, number];
        return { name, channels, height, width, data: data as Float32Array };
      }),
    };
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
