/** Losses beside what PyTorch gives. */
import { expect, it } from 'vitest';
import { gradients } from '../../src/autodiff/gradients.js';
import { Graph } from '../../src/graph/graph.js';
import { crossEntropy } from '../../src/nn/loss.js';
import { ops } from '../../src/ops/table.js';
import { compileGraph } from '../../src/runtime/compile.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { tensor } from '../../src/tensor/tensor.js';

it('an ignored class may be masked out of the scores', async () => {
  const scores = tensor('float32', [2, 3], [Number.NEGATIVE_INFINITY, 1, 2, Number.NEGATIVE_INFINITY, 0.5, 0.2]);
  const targets = tensor('int64', [2], [0, 2]);
  const graph = new Graph(ops);
  const x = graph.input('scores', scores);
  const loss = crossEntropy(x, graph.input('targets', targets), { ignoreIndex: 0 });
  graph.output('loss', loss);
  graph.output('gradient', gradients(loss, [x])[0]!);
  const session = await compileGraph(nodeRuntime({ threads: 1 }), graph);
  const { loss: found, gradient } = await session.run({ scores, targets }, { loss: true, gradient: true });
  // torch.nn.functional.cross_entropy(scores, targets, ignore_index=0)
  expect(found!.data[0]).toBeCloseTo(0.854355, 5);
  const right = 1 / (1 + Math.exp(0.3));
  [0, 0, 0, 0, 1 - right, right - 1].forEach((value, i) => {
    expect(gradient!.data[i]).toBeCloseTo(value, 5);
  });
  await session.release();
});
