// Steps of the captioner with attention: batch 32, 20 words, 49 regions of 512, everything else 512, 1000 words; Adam.
import { adam, CaptionerAttention, CaptionNetwork, initialParameters, TrainingStep, tensor } from '../../dist/index.js';
import { captionStep, nodeRuntime } from '../../dist/node.js';
import { serve } from './serve.js';

const [threads, device = 'cpu'] = process.argv.slice(2);
const [batch, length, regions, size, vocabulary] = [32, 20, 49, 512, 1000];
const sizes = { vocabulary, features: size, embedding: size, hidden: size, attention: size, dropout: 0.5 };
const network = new CaptionNetwork(undefined, new CaptionerAttention(sizes));
const definition = captionStep(
  {
    network,
    images: { shape: [regions, size] },
    batchSize: batch,
    labelSmoothing: 0,
    scheduledSampling: 0,
    attentionPenalty: 0,
    words: batch * length,
    optimiser: adam(),
    device,
  },
  Array(length).fill(batch),
);
const runtime = nodeRuntime({ threads: Number(threads), device });
const step = await TrainingStep.compile(runtime, definition, initialParameters(network, 1), 1);
const images = tensor(
  'float32',
  [batch, regions, size],
  Float32Array.from({ length: batch * regions * size }, () => Math.random()),
);
const words = (...shape) =>
  tensor(
    'int64',
    shape,
    Array.from({ length: length * batch }, () => 4 + Math.floor(Math.random() * (vocabulary - 4))),
  );
const feeds = { images, words: words(length * batch), targets: words(length * batch) };
let count = 0;
await serve(`onnxruntime-node ${runtime.version}`, async () => {
  const { loss } = await step.run(count++, 4e-4, feeds);
  return loss.data[0];
});
