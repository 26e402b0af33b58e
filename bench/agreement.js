// How far the losses of other devices are from the CPU's.
import { drawStep } from '../dist/bench/drawn-step.js';
import { nodeRuntime } from '../dist/node.js';
import { recipeNamed } from '../dist/recipes/table.js';
import { TrainingStep } from '../dist/train/step.js';

export const steps = 4;

async function lossesOn(device, recipe, options) {
  const { definition, parameters, feeds, learningRate } = drawStep(recipeNamed(recipe), { ...options, device });
  const step = await TrainingStep.compile(nodeRuntime({ device }), definition, parameters, 1);
  try {
    const losses = [];
    for (let i = 0; i < steps; i++) losses.push((await step.run(i, learningRate, feeds)).loss.data[0]);
    return losses;
  } finally {
    await step[Symbol.asyncDispose]();
  }
}

/**
 * A recipe's first steps on the same data from the same parameters, on each device. One that does not work is left out, and said so.
 * @param {readonly ('webgpu' | 'cuda')[]} devices
 * @param {string} recipe
 * @param {import('../dist/bench/drawn-step.js').DrawOptions} options
 * @returns {Promise<Map<string, number>>} the largest relative difference of a loss from the CPU's, by device
 */
export async function furthestLosses(devices, recipe, options) {
  const expected = await lossesOn('cpu', recipe, options);
  const furthest = new Map();
  for (const device of devices) {
    try {
      const losses = await lossesOn(device, recipe, options);
      furthest.set(device, Math.max(...losses.map((loss, i) => Math.abs(loss / expected[i] - 1))));
    } catch (error) {
      console.error(`${recipe} on ${device}: ${error.message}`);
    }
  }
  return furthest;
}
