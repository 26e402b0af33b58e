// The same network and step in TensorFlow.js with its own CPU backend; the protocol of serve.js.
import { createRequire } from 'node:module';
import { serve } from './serve.js';

const tf = createRequire(new URL('../peers/package.json', import.meta.url))('@tensorflow/tfjs');
const batch = Number(process.argv[2]);
await tf.setBackend('cpu');
const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 600, activation: 'relu' }),
    tf.layers.dropout({ rate: 0.3 }),
    tf.layers.dense({ units: 120, activation: 'relu' }),
    tf.layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: tf.train.sgd(0.01), loss: 'sparseCategoricalCrossentropy' });
const pixels = tf.randomUniform([batch, 28, 28, 1]);
const labels = tf.tensor1d(Array.from({ length: batch }, (_, i) => i % 10));
await serve(`TensorFlow.js ${tf.version.tfjs}, backend ${tf.getBackend()}`, async () => {
  const loss = await model.trainOnBatch(pixels, labels);
  return Array.isArray(loss) ? loss[0] : loss;
});
