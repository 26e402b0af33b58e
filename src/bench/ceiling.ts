import { Graph } from '../graph/graph.js';
import { writeOnnx } from '../onnx/write.js';
import { matmul } from '../ops/build.js';
import { ops } from '../ops/table.js';
import type { Runtime, Session } from '../runtime/session.js';
import { fillUniform, stream } from '../tensor/random.js';
import { type Tensor, tensor, zeros } from '../tensor/tensor.js';

const side = 1024;

/** Floating-point operations of the product that is taken for a machine's ceiling. */
export const ceilingFlop = 2 * side ** 3;

/**
 * A product of two 1024×1024 matrices in single precision, with its result fetched. Products whose results stay in the session
 * are a little faster (`ProductsAlone`).
 */
export class Ceiling implements AsyncDisposable {
  readonly #session: Session;
  readonly #feeds: Readonly<Record<string, Tensor>>;
  readonly #fetches: Readonly<Record<string, Tensor>>;

  private constructor(session: Session) {
    const matrix = (name: string) =>
      tensor('float32', [side, side], fillUniform(stream(1, name), new Float32Array(side ** 2), 0, 1));
    this.#session = session;
    this.#feeds = { a: matrix('a'), b: matrix('b') };
    this.#fetches = { product: zeros({ dtype: 'float32', shape: [side, side] }) };
  }

  static async compile(runtime: Runtime): Promise<Ceiling> {
    const graph = new Graph(ops);
    const matrix = (name: string) => graph.input(name, { dtype: 'float32', shape: [side, side] });
    graph.output('product', matmul(matrix('a'), matrix('b')));
    return new Ceiling(await runtime.compile(writeOnnx(graph)));
  }

  async multiply(): Promise<void> {
    await this.#session.run(this.#feeds, this.#fetches);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}
