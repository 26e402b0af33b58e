// The products of a recipe's training step, without all else: RECIPE BATCH SETTINGS THREADS; the protocol of serve.js.
import { drawStep } from '../../dist/bench/drawn-step.js';
import { ProductsAlone } from '../../dist/bench/products-alone.js';
import { recipeNamed } from '../../dist/recipes/table.js';
import { nodeRuntime } from '../../dist/runtime/node.js';
import { serve } from './serve.js';

const [recipe, batch, settings, threads] = process.argv.slice(2);
const runtime = nodeRuntime({ threads: Number(threads) });
const { definition } = drawStep(recipeNamed(recipe), {
  settings: JSON.parse(settings),
  batch: Number(batch),
  threads: runtime.threads,
});
const products = await ProductsAlone.compile(runtime, definition.graph);
await serve(`onnxruntime-node ${runtime.version}`, async () => {
  await products.multiply();
  return 0;
});
