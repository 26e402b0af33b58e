import type { Graph } from '../../src/graph/graph.js';
import type { NumberArray } from '../../src/ops/op.js';
import { compileGraph } from '../../src/runtime/compile.js';
import type { Runtime } from '../../src/runtime/session.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';

/** Runs a graph once on a runtime and gives all its outputs. */
export async function runGraph(
  runtime: Runtime,
  graph: Graph,
  feeds: Readonly<Record<string, NumberArray>>,
): Promise<Record<string, Tensor>> {
  const session = await compileGraph(runtime, graph);
  try {
    const fed = graph.inputs.map(({ source, dtype, shape }) => {
      const name = source.kind === 'input' ? source.name : '';
      return [name, tensor(dtype, shape, [...feeds[name]!.data])] as const;
    });
    const fetches = [...graph.outputs.keys()].map((name) => [name, true] as const);
    return await session.run(Object.fromEntries(fed), Object.fromEntries(fetches));
  } finally {
    await session.release();
  }
}
