// Steps of a recipe's training on drawn data: RECIPE BATCH SETTINGS THREADS [DEVICE], settings as JSON; the protocol of serve.js.
// As many steps in one run as a training takes.
import { drawStep } from '../../dist/bench/drawn-step.js';
import { recipeNamed } from '../../dist/recipes/table.js';
import { nodeRuntime } from '../../dist/runtime/node.js';
import { compileDrawn } from '../compile-drawn.js';
import { serve } from './serve.js';

const [recipe, batch, settings, threads, device = 'cpu'] = process.argv.slice(2);
const runtime = nodeRuntime({ threads: Number(threads), device });
const drawn = drawStep(recipeNamed(recipe), {
  settings: JSON.parse(settings),
  batch: Number(batch),
  device,
  threads: runtime.threads,
});
const { train } = await compileDrawn(drawn, runtime);
await serve(`onnxruntime-node ${runtime.version}`, train, drawn.stepsAtOnce);
