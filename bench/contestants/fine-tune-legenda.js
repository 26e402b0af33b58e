// Steps of fine-tuning all of a network on drawn images: NETWORK BATCH SIDE THREADS [plain: without blocks of channels]; the protocol of
// serve.js.
import { buildStep, initialParameters, nllLoss, sgd, TrainingStep, tensor } from '../../dist/index.js';
import { nodeRuntime } from '../../dist/node.js';
import { FineTuned } from './fine-tuned-networks.js';
import { serve } from './serve.js';

const [name, batch, side, threads, form] = process.argv.slice(2);
const count = Number(batch);
const shape = [count, 3, Number(side), Number(side)];
const model = new FineTuned(name);
const runtime = nodeRuntime({ threads: Number(threads), channelBlocks: form !== 'plain' });
const definition = buildStep({
  model,
  inputs: { pixels: { dtype: 'float32', shape }, labels: { dtype: 'int64', shape: [count] } },
  loss: (network, { pixels, labels }, trace) => ({ loss: nllLoss(network.call(pixels, trace), labels) }),
  optimiser: sgd(),
  threads: runtime.threads,
});
const step = await TrainingStep.compile(runtime, definition, initialParameters(model, 1), 1);
const size = shape.reduce((product, axis) => product * axis, 1);
const feeds = {
  pixels: tensor(
    'float32',
    shape,
    Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 1009) / 1009),
  ),
  labels: tensor(
    'int64',
    [count],
    BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 10)),
  ),
};
let number = 0;
await serve(`onnxruntime-node ${runtime.version}`, async () => (await step.run(number++, 0.001, feeds)).loss.data[0]);
