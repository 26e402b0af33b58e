// The same network and step in jax-js, compiled, in WebAssembly. Arrays are used up by what takes them; `.ref` keeps one.
import { defaultDevice, init, jit, lax, nn, numpy as np, random, tree, valueAndGrad } from '@jax-js/jax';

const conv = (x, weight, bias, padding) => lax.conv(x, weight, [1, 1], padding).add(bias.reshape([1, -1, 1, 1]));
const pool = (x) => lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
const linear = (x, weight, bias) => np.dot(x, weight).add(bias);

function lossOf({ conv1, conv2, fc1, fc2, fc3 }, pixels, labels, keep) {
  const batch = pixels.shape[0];
  let x = pool(nn.relu(conv(pixels, ...conv1, 'SAME')));
  x = pool(nn.relu(conv(x, ...conv2, 'VALID'))).reshape([batch, 1152]);
  x = nn.relu(linear(x, ...fc1)).mul(keep);
  x = nn.relu(linear(x, ...fc2));
  return nn
    .logSoftmax(linear(x, ...fc3))
    .mul(labels)
    .sum()
    .mul(-1 / batch);
}

const step = jit((parameters, pixels, labels, keep, rate) => {
  const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(parameters), pixels, labels, keep);
  return [loss, tree.map((value, gradient) => value.sub(gradient.mul(rate.ref)), parameters, gradients)];
});

export async function begin(batch) {
  await init('wasm');
  defaultDevice('wasm');
  let seed = 0;
  const drawn = (shape, inputs) =>
    random.uniform(random.key(++seed), shape, { minval: -1, maxval: 1 }).mul(inputs ** -0.5);
  let parameters = {
    conv1: [drawn([16, 1, 3, 3], 9), drawn([16], 9)],
    conv2: [drawn([32, 16, 3, 3], 144), drawn([32], 144)],
    fc1: [drawn([1152, 600], 1152), drawn([600], 1152)],
    fc2: [drawn([600, 120], 600), drawn([120], 600)],
    fc3: [drawn([120, 10], 120), drawn([10], 120)],
  };
  const pixels = random.uniform(random.key(++seed), [batch, 1, 28, 28]);
  const labels = nn.oneHot(
    np.array(
      Array.from({ length: batch }, (_, i) => i % 10),
      { dtype: np.int32 },
    ),
    10,
  );
  return {
    version: 'jax-js 0.1.25, WebAssembly',
    step: async () => {
      const mask = np.array(Array.from({ length: batch * 600 }, () => (Math.random() < 0.7 ? 1 / 0.7 : 0)));
      const [loss, next] = step(parameters, pixels.ref, labels.ref, mask.reshape([batch, 600]), np.array(0.01));
      parameters = next;
      return (await loss.data())[0];
    },
  };
}
