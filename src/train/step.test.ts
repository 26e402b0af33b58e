import { describe, expect, test } from 'vitest';
import { bitsOf, oneThread } from '../../test/support/training.js';
import { LogSoftmax } from '../nn/activation.js';
import { Dropout } from '../nn/dropout.js';
import { Linear } from '../nn/linear.js';
import { nllLoss } from '../nn/loss.js';
import { initialParameters } from '../nn/module.js';
import { Sequential } from '../nn/sequential.js';
import { adam, sgd } from '../optim/optimisers.js';
import type { Transform } from '../optim/transform.js';
import { fillUniform, stream } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { TrainingStep } from './step.js';
import { buildStep, type StepGraph } from './step-graph.js';

const model = new Sequential({
  first: new Linear(6, 8),
  dropout: new Dropout(0.4),
  second: new Linear(8, 3),
  logSoftmax: new LogSoftmax(),
});
const [batch, most, seed] = [4, 3, 5];

const definitionWith = (optimiser: Transform): StepGraph =>
  buildStep({
    model,
    inputs: { x: { dtype: 'float32', shape: [batch, 6] }, labels: { dtype: 'int64', shape: [batch] } },
    loss: (network, { x, labels }, trace) => {
      const y = network.call(x!, trace);
      return { loss: nllLoss(y, labels!), y };
    },
    optimiser,
    averageDecay: 0.9,
    frozen: (name) => name === 'second.bias',
  });

/** A batch for each of so many steps, one after the other. */
function batchesOf(steps: number): { readonly x: Tensor; readonly labels: Tensor } {
  const x = new Float32Array(steps * batch * 6);
  fillUniform(stream(3), x, -1, 1);
  const labels = BigInt64Array.from({ length: steps * batch }, (_, i) => BigInt(i % 3));
  return { x: tensor('float32', [steps, batch, 6], x), labels: tensor('int64', [steps, batch], labels) };
}

const from = ({ dtype, shape: [, ...shape], data }: Tensor, step: number, count: number): Tensor => {
  const size = shape.reduce((product, length) => product * length, 1);
  return { dtype, shape: [count, ...shape], data: data.slice(step * size, (step + count) * size) };
};

const rates = [0.1, 0.2, 0.05, 0.1, 0.3];

/** Takes five steps in runs of so many each. @returns the bits of the state, and of what every step gave */
async function train(definition: StepGraph, stepsAtOnce: number, counts: readonly number[]): Promise<object> {
  const all = batchesOf(rates.length);
  await using step = await TrainingStep.compile(oneThread, definition, initialParameters(model, 1), seed, {
    stepsAtOnce,
  });
  const given: Record<string, number[]> = { loss: [], y: [] };
  let first = 0;
  for (const count of counts) {
    const batches = { x: from(all.x, first, count), labels: from(all.labels, first, count) };
    const results = await step.runSeveral(first, rates.slice(first, first + count), batches);
    expect(results['y']!.shape).toEqual([count, batch, 3]);
    for (const [name, { data }] of Object.entries(results)) given[name]!.push(...(data as Float32Array));
    first += count;
  }
  return { state: bitsOf(await step.state()), given };
}

test('stepsAtOnce is a whole number from 1, and 1 but on the CPU', async () => {
  const definition = definitionWith(sgd());
  const compile = (stepsAtOnce: number, runtime = oneThread) =>
    TrainingStep.compile(runtime, definition, initialParameters(model, 1), seed, { stepsAtOnce });
  for (const count of [0, 1.5, Number.NaN])
    await expect(compile(count)).rejects.toThrow(`stepsAtOnce: a whole number from 1 is expected, ${count} came`);
  const elsewhere = { ...oneThread, device: 'webgpu', name: 'another' } as const;
  await expect(compile(2, elsewhere)).rejects.toThrow('several steps at once are for the CPU, this is another');
});

describe('several steps in one run', () => {
  test.each([
    ['plain gradient descent', sgd()],
    ['momentum', sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.01 })],
    ['Adam', adam({ clipNorm: 1 })],
  ])('have the bits of one at a time: %s', async (_, optimiser) => {
    const definition = definitionWith(optimiser);
    const oneByOne = await train(definition, 1, [1, 1, 1, 1, 1]);
    expect(await train(definition, most, [3, 2])).toEqual(oneByOne);
    expect(await train(definition, most, [1, 2, 2])).toEqual(oneByOne);
    expect(await train(definition, 5, [5])).toEqual(oneByOne);
  });

  test('run takes one of them, without the axis of steps', async () => {
    const { x, labels } = batchesOf(1);
    const one = { x: { ...x, shape: [batch, 6] }, labels: { ...labels, shape: [batch] } };
    const definition = definitionWith(sgd());
    const outcomes = [];
    for (const stepsAtOnce of [1, most]) {
      await using step = await TrainingStep.compile(oneThread, definition, initialParameters(model, 1), seed, {
        stepsAtOnce,
      });
      const { loss, y } = await step.run(7, 0.1, one);
      expect([loss!.shape, y!.shape]).toEqual([[], [batch, 3]]);
      outcomes.push({ loss: loss!.data[0], y: [...(y!.data as Float32Array)], state: bitsOf(await step.state()) });
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  test('are refused where they are none or too many', async () => {
    const definition = definitionWith(sgd());
    await using step = await TrainingStep.compile(oneThread, definition, initialParameters(model, 1), seed, {
      stepsAtOnce: most,
    });
    await expect(step.runSeveral(0, [], batchesOf(0))).rejects.toThrow(
      'from 1 to 3 steps can be taken at once, 0 came',
    );
    await expect(step.runSeveral(0, [1, 1, 1, 1], batchesOf(4))).rejects.toThrow('4 came');
  });
});
