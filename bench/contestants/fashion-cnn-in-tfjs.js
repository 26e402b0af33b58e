/**
 * The network of `fashion-cnn` in TensorFlow.js with its own CPU backend: that for WebAssembly has no gradients of convolutions.
 * @param tf the library
 * @param {number} batch
 * @returns version, and a step that gives its loss
 */
export async function fashionCnnIn(tf, batch) {
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
  return {
    version: `TensorFlow.js ${tf.version.tfjs}, backend ${tf.getBackend()}`,
    async step() {
      const loss = await model.trainOnBatch(pixels, labels);
      return Array.isArray(loss) ? loss[0] : loss;
    },
  };
}
