import { expect } from 'vitest';
import { nodeRuntime } from '../../src/runtime/node.js';
import { type Trained, train, type trainings } from './page/training.js';

/** A training in a browser is the one that Node computes. */
export async function agreesWithNode(name: keyof typeof trainings, batch: number, inBrowser: Trained): Promise<void> {
  const inNode = await train(nodeRuntime({ threads: 1 }), name, inBrowser.losses.length, batch);
  expect(inNode.losses.at(-1)).toBeLessThan(inNode.losses[0]!);
  inBrowser.losses.forEach((loss, step) => {
    expect(loss, `loss of step ${step}`).toBeCloseTo(inNode.losses[step]!, 3);
  });
  expect(Object.keys(inBrowser.state)).toEqual(Object.keys(inNode.state));
  for (const [key, magnitude] of Object.entries(inBrowser.state)) {
    expect(Math.abs(magnitude - inNode.state[key]!), key).toBeLessThanOrEqual(2e-3 * inNode.state[key]! + 1e-6);
  }
}
