// Steps of a recipe's training on drawn data: RECIPE BATCH SETTINGS THREADS [DEVICE], settings as JSON; the protocol of serve.js.
// of the package only what training needs, as `legenda train` loads it
import { drawStep } from '../../dist/bench/drawn-step.js';
import { recipeNamed } from '../../dist/recipes/table.js';
import { nodeRuntime } from '../../dist/runtime/node.js';
import { TrainingStep } from '../../dist/train/step.js';
import { serve } from './serve.js';

const [recipe, batch, settings, threads, device = 'cpu'] = process.argv.slice(2);
const { definition, parameters, feeds, learningRate } = drawStep(recipeNamed(recipe), {
  settings: JSON.parse(settings),
  batch: Number(batch),
  device,
});
const runtime = nodeRuntime({ threads: Number(threads), device });
const step = await TrainingStep.compile(runtime, definition, parameters, 1);
let count = 0;
await serve(`onnxruntime-node ${runtime.version}`, async () => {
  const { loss } = await step.run(count++, learningRate, feeds);
  return loss.data[0];
});
