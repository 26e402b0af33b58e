import { Graph } from '../graph/graph.js';
import { writeOnnx } from '../onnx/write.js';
import { channelStep } from '../ops/blocked/reorder.js';
import { opsOfLastForm } from '../ops/blocked/table.js';
import type { Ort } from './ort-tensor.js';

/**
 * How many channels ONNX Runtime's CPU kernels have in a block (8 with AVX2, 16 with AVX-512), by what becomes of a small image; 1
 * where they have no blocks.
 */
export async function learnChannelBlock({ InferenceSession, Tensor }: Ort): Promise<number> {
  const graph = new Graph(opsOfLastForm);
  const x = graph.input('x', { dtype: 'float32', shape: [1, channelStep, 1, 1] });
  // whatever is said of it here, the result is as large as it is
  graph.output('y', graph.apply('ReorderInput', [x], { block: channelStep })[0]!);
  const model = writeOnnx(graph, { axisNames: { y: [undefined, 'channels'] } });
  try {
    const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
    try {
      const { y } = await session.run({ x: new Tensor('float32', new Float32Array(channelStep), x.shape) }, ['y']);
      return y!.dims[1]!;
    } finally {
      await session.release();
    }
  } catch {
    return 1;
  }
}
