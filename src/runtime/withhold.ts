import { LegendaError } from '../errors.js';
import { Graph } from '../graph/graph.js';
import { prependSequence } from '../onnx/prepend-sequence.js';
import { writeOnnx } from '../onnx/write.js';
import { neg } from '../ops/build.js';
import { ops } from '../ops/table.js';
import type { Compute } from './ort-session.js';
import type { Ort } from './ort-tensor.js';

/** Has models compute what is wanted in given memory without returning it as well. */
export interface Withholding {
  /** The model in the form in which `compute` withholds; others it computes as they are. */
  prepare(model: Uint8Array): Uint8Array;
  /** The outputs of a prepared model that it had before. */
  own(outputNames: readonly string[]): readonly string[];
  readonly compute: Compute;
}

/** The output that cannot be returned. */
const withheld = 'legenda.withheld';

/**
 * Keeps onnxruntime-node from copying what it has written where it was wanted.
 *
 * Version 1.30 writes an output into the memory that is given for it and returns a copy beside: 63 MB a step of
 * `captioner-attention`, an eighth of the step's time with what the garbage collector does about it. It returns outputs in the order
 * in which the model has them, and throws at a sequence, which it cannot return. So a model gets an empty sequence as its
 * first output, and is asked for it where nothing needs to be returned: where all the others are written into given memory.
 *
 * With which words it throws is learned from a small model. Where it does not, outputs are returned and copied.
 */
export async function learnWithholding(module: Ort): Promise<Withholding> {
  const refusal = await refusalOf(module);
  return {
    prepare: (model) => (refusal === undefined ? model : prependSequence(model, withheld)),
    own: (names) => names.filter((name) => name !== withheld),
    async compute(session, feeds, fetches) {
      const isWithheld = refusal !== undefined && session.outputNames.includes(withheld);
      if (!isWithheld || Object.values(fetches).includes(null)) return await session.run(feeds, fetches);
      try {
        await session.run(feeds, { [withheld]: null, ...fetches });
      } catch (error) {
        if ((error as Error).message === refusal) return undefined;
        throw error;
      }
      throw new LegendaError('onnxruntime-node returned a sequence, which it refused before');
    },
  };
}

/** The message with which a sequence is not returned; undefined where it is, or where what was wanted is not there then. */
async function refusalOf({ InferenceSession, Tensor }: Ort): Promise<string | undefined> {
  const graph = new Graph(ops);
  graph.output('y', neg(graph.input('x', { dtype: 'float32', shape: [1] })));
  const session = await InferenceSession.create(prependSequence(writeOnnx(graph), withheld));
  const x = new Float32Array([1]);
  const y = new Float32Array(1);
  try {
    const fetches = { [withheld]: null, y: new Tensor('float32', y, [1]) };
    await session.run({ x: new Tensor('float32', x, [1]) }, fetches);
    return undefined;
  } catch (error) {
    return y[0] === -1 ? (error as Error).message : undefined;
  } finally {
    await session.release();
  }
}
