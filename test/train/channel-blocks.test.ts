/** A step in blocks of channels learns what it learns without them. */
import { expect, it } from 'vitest';
import { Flatten, LogSoftmax, ReLU } from '../../src/nn/activation.js';
import { Conv2d } from '../../src/nn/conv2d.js';
import { Linear } from '../../src/nn/linear.js';
import { nllLoss } from '../../src/nn/loss.js';
import { initialParameters } from '../../src/nn/module.js';
import { MaxPool2d } from '../../src/nn/pool.js';
import { Sequential } from '../../src/nn/sequential.js';
import { sgd } from '../../src/optim/optimisers.js';
import { inChannelBlocks } from '../../src/passes/blocked/in-channel-blocks.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { stream, uniform } from '../../src/tensor/random.js';
import { tensor } from '../../src/tensor/tensor.js';
import { TrainingStep } from '../../src/train/step.js';
import { buildStep } from '../../src/train/step-graph.js';

const images = 8;
const shape = [images, 3, 64, 64];

const model = () =>
  new Sequential([
    new Conv2d(3, 16, 3, { stride: 2, padding: 1 }),
    new ReLU(),
    new Conv2d(16, 16, 3, { groups: 16, stride: 2, padding: 1 }),
    new Conv2d(16, 24, 1),
    new ReLU(),
    new MaxPool2d(3, { stride: 2, padding: 1 }),
    new Flatten(),
    new Linear(24 * 64, 10),
    new LogSoftmax(),
  ]);

it('on the machine’s own kernels, one step or several at once', async () => {
  const network = model();
  const definition = buildStep({
    model: network,
    inputs: { pixels: { dtype: 'float32', shape }, labels: { dtype: 'int64', shape: [images] } },
    loss: (layers, { pixels, labels }, trace) => ({ loss: nllLoss(layers.call(pixels, trace), labels) }),
    optimiser: sgd({ momentum: 0.9 }),
  });
  const form = inChannelBlocks(definition.graph, 8).nodes.map(({ op }) => op);
  for (const op of ['NchwcConv', 'NchwcMaxPool']) expect(form).toContain(op);
  const random = stream(3);
  const steps = 4;
  const size = shape.reduce((product, axis) => product * axis, steps);
  const pixels = tensor(
    'float32',
    [steps, ...shape],
    Float32Array.from({ length: size }, () => uniform(random)),
  );
  const labels = tensor(
    'int64',
    [steps, images],
    BigInt64Array.from({ length: images * steps }, (_, i) => BigInt(i % 10)),
  );

  const losses = async (channelBlocks: boolean): Promise<Float32Array> => {
    const runtime = nodeRuntime({ threads: 2, channelBlocks });
    expect(channelBlocks ? [1, 8, 16] : [1]).toContain(await runtime.channelBlock());
    const parameters = initialParameters(network, 1);
    await using step = await TrainingStep.compile(runtime, definition, parameters, 1, { stepsAtOnce: steps });
    const { loss } = await step.runSeveral(0, new Array<number>(steps).fill(0.1), { pixels, labels });
    return new Float32Array(loss.data as Float32Array);
  };
  const [blocked, plain] = [await losses(true), await losses(false)];
  expect(new Set(plain).size).toBe(steps);
  for (const [i, loss] of plain.entries()) expect(blocked[i]).toBeCloseTo(loss, 4);
});
