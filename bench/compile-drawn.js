// of the package only what training needs, as `legenda train` loads it
import { repeated } from '../dist/tensor/stack.js';
import { TrainingStep } from '../dist/train/step.js';

/** A drawn step to take again and again, as many steps in one run as a training does. */
export async function compileDrawn({ definition, parameters, feeds, learningRate, stepsAtOnce }, runtime) {
  const step = await TrainingStep.compile(runtime, definition, parameters, 1, { stepsAtOnce });
  const batches = Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [name, repeated(tensor, stepsAtOnce)]),
  );
  const rates = new Array(stepsAtOnce).fill(learningRate);
  let count = 0;
  /** @returns the last loss */
  const train = async () => {
    const { loss } = await step.runSeveral(count, rates, batches);
    count += stepsAtOnce;
    return loss.data[stepsAtOnce - 1];
  };
  return { train, release: () => step[Symbol.asyncDispose]() };
}
