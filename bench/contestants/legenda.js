// Steps of a recipe's training in this process: a line with a number on stdin asks for so many, their times come back.
import { buildStep, initialParameters, nllLoss, sgd, TrainingStep, tensor } from '../../dist/index.js';
import { nodeRuntime, recipeNamed } from '../../dist/node.js';
import { serve } from './serve.js';

const [recipeName, batchText, threads, device = 'cpu'] = process.argv.slice(2);
const batch = Number(batchText);
const recipe = recipeNamed(recipeName);
const model = recipe.model(recipe.schema.parse({}));
const definition = buildStep({
  model,
  inputs: {
    pixels: { dtype: 'float32', shape: [batch, ...recipe.image] },
    labels: { dtype: 'int64', shape: [batch] },
  },
  loss: (network, { pixels, labels }, trace) => ({ loss: nllLoss(network.call(pixels, trace), labels) }),
  optimiser: sgd(),
  device,
});
const runtime = nodeRuntime({ threads: Number(threads), device });
const step = await TrainingStep.compile(runtime, definition, initialParameters(model, 1), 1);
const size = batch * recipe.image.reduce((a, b) => a * b);
const pixels = tensor(
  'float32',
  [batch, ...recipe.image],
  Float32Array.from({ length: size }, () => Math.random()),
);
const labels = tensor(
  'int64',
  [batch],
  Array.from({ length: batch }, (_, i) => i % 10),
);
let count = 0;
await serve(`onnxruntime-node ${runtime.version}`, async () => {
  const { loss } = await step.run(count++, 0.01, { pixels, labels });
  return loss.data[0];
});
