// Steps of a recipe's training on drawn data: RECIPE BATCH SETTINGS THREADS [DEVICE], settings as JSON; the protocol of serve.js.
// As many steps in one run as a training takes.
// of the package only what training needs, as `legenda train` loads it
import { drawStep } from '../../dist/bench/drawn-step.js';
import { recipeNamed } from '../../dist/recipes/table.js';
import { nodeRuntime } from '../../dist/runtime/node.js';
import { repeated } from '../../dist/tensor/stack.js';
import { TrainingStep } from '../../dist/train/step.js';
import { serve } from './serve.js';

const [recipe, batch, settings, threads, device = 'cpu'] = process.argv.slice(2);
const { definition, parameters, feeds, learningRate, stepsAtOnce } = drawStep(recipeNamed(recipe), {
  settings: JSON.parse(settings),
  batch: Number(batch),
  device,
});
const runtime = nodeRuntime({ threads: Number(threads), device });
const step = await TrainingStep.compile(runtime, definition, parameters, 1, { stepsAtOnce });
const batches = Object.fromEntries(
  Object.entries(feeds).map(([name, tensor]) => [name, repeated(tensor, stepsAtOnce)]),
);
const rates = new Array(stepsAtOnce).fill(learningRate);
let count = 0;
const train = async () => {
  const { loss } = await step.runSeveral(count, rates, batches);
  count += stepsAtOnce;
  return loss.data[stepsAtOnce - 1];
};
await serve(`onnxruntime-node ${runtime.version}`, train, stepsAtOnce);
