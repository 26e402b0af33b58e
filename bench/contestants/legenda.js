// Steps of a recipe's training on drawn data: RECIPE BATCH SETTINGS THREADS [DEVICE], settings as JSON; the protocol of serve.js.
// As many steps in one run as a training takes.
// of the package only what training needs, as `legenda train` loads it
import { drawStep } from '../../dist/bench/drawn-step.js';
import { recipeNamed } from '../../dist/recipes/table.js';
import { nodeRuntime } from '../../dist/runtime/node.js';
import { TrainingStep } from '../../dist/train/step.js';
import { stepsAtOnce } from '../../dist/train/steps-at-once.js';
import { repeated } from '../repeated.js';
import { serve } from './serve.js';

const [recipe, batch, settings, threads, device = 'cpu'] = process.argv.slice(2);
const { definition, parameters, feeds, learningRate } = drawStep(recipeNamed(recipe), {
  settings: JSON.parse(settings),
  batch: Number(batch),
  device,
});
const runtime = nodeRuntime({ threads: Number(threads), device });
const most = stepsAtOnce(definition, device);
const step = await TrainingStep.compile(runtime, definition, parameters, 1, { stepsAtOnce: most });
const batches = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, repeated(tensor, most)]));
const rates = new Array(most).fill(learningRate);
let count = 0;
const train = async () => {
  const { loss } = await step.runSeveral(count, rates, batches);
  count += most;
  return loss.data[most - 1];
};
await serve(`onnxruntime-node ${runtime.version}`, train, most);
