// An epoch of `fashion-cnn` as `legenda train` runs it, with its images, beside as many steps on batches that are ready.
import { loadFashionMnist } from '../dist/data/fashion-mnist.js';
import { dataRoot } from '../dist/data/root.js';
import { SeveralBatches } from '../dist/data/several-batches.js';
import { initialParameters } from '../dist/nn/module.js';
import { configure } from '../dist/recipes/configure.js';
import { recipeNamed } from '../dist/recipes/table.js';
import { trainingOf } from '../dist/recipes/train-recipe.js';
import { nodeRuntime } from '../dist/runtime/node.js';
import { classifierStep, classifierTask } from '../dist/train/classifier.js';
import { TrainingStep } from '../dist/train/step.js';

/**
 * In turns of a few steps: both see the machine at its best and at its worst.
 * @param {number} threads of ONNX Runtime
 * @returns steps an epoch, and the seconds that they took with their data and without
 */
export async function timeEpoch(threads) {
  const recipe = recipeNamed('fashion-cnn');
  const data = await loadFashionMnist({ root: dataRoot() });
  const training = trainingOf(recipe, configure(recipe, {}), data, 42);
  const runtime = nodeRuntime({ threads });
  const task = classifierTask(training);
  const open = await task.open(runtime, undefined);
  const definition = classifierStep(training, recipe.image);
  const most = open.stepsAtOnce;
  const parameters = initialParameters(training.model, 42);
  const alone = await TrainingStep.compile(runtime, definition, parameters, 42, { stepsAtOnce: most });
  const ready = new SeveralBatches(most, training.batchSize, recipe.image);
  for (let i = 0; i < most; i++) {
    const { pixels, labels } = ready.at(i);
    pixels.forEach((_, at) => {
      pixels[at] = Math.random();
    });
    labels.forEach((_, at) => {
      labels[at] = BigInt(at % 10);
    });
  }
  const seconds = { withData: 0, alone: 0 };
  const timed = async (key, work) => {
    const start = performance.now();
    await work();
    seconds[key] += (performance.now() - start) / 1000;
  };
  for (let step = 0; step < task.batches; step += most) {
    const count = Math.min(most, task.batches - step);
    const rates = new Array(count).fill(0.01);
    await timed('withData', () => open.steps({ step, epoch: 0, batch: step }, rates));
    await timed('alone', () => alone.runSeveral(step, rates, ready.first(count)));
  }
  for (const each of [open, alone]) await each[Symbol.asyncDispose]();
  return { steps: task.batches, ...seconds };
}
