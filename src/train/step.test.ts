import { describe, expect, test } from 'vitest';
import { bitsOf, oneThread } from '../../test/support/training.js';
import type { Value } from '../graph/graph.js';
import { LogSoftmax } from '../nn/activation.js';
import { Dropout } from '../nn/dropout.js';
import { Linear } from '../nn/linear.js';
import { nllLoss } from '../nn/loss.js';
import { initialParameters } from '../nn/module.js';
import { Sequential } from '../nn/sequential.js';
import { argMax, cast, reduceMean } from '../ops/build.js';
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
      const y = network.call(x, trace);
      return { loss: nllLoss(y, labels), y };
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
      expect([loss.shape, y!.shape]).toEqual([[], [batch, 3]]);
      outcomes.push({ loss: loss.data[0], y: [...(y!.data as Float32Array)], state: bitsOf(await step.state()) });
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

describe('a step', () => {
  const compile = () => TrainingStep.compile(oneThread, definitionWith(sgd()), initialParameters(model, 1), seed);
  const batchAt = (i: number) => {
    const { x, labels } = batchesOf(rates.length);
    return { x: { ...from(x, i, 1), shape: [batch, 6] }, labels: { ...from(labels, i, 1), shape: [batch] } };
  };

  test('waits for those that were asked for before', async () => {
    const ends = [];
    for (const together of [false, true]) {
      await using step = await compile();
      const runs = [];
      for (const [i, rate] of rates.entries()) {
        runs.push(step.run(i, rate, batchAt(i)));
        if (!together) await runs.at(-1);
      }
      const state = step.state();
      await Promise.all(runs);
      ends.push(bitsOf(await state));
    }
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[0]).not.toEqual(bitsOf(initialParameters(model, 1)));
  });

  test('that is refused or fails holds up no other, and changes nothing', async () => {
    await using step = await compile();
    const before = bitsOf(await step.state());
    const good = batchAt(0);
    const refusals = [
      [step.run(0, Number.NaN, good), 'a learning rate is expected, NaN came'],
      [step.run(0, rates[9]!, good), 'a learning rate is expected, undefined came'],
      [step.run(0, 0.1, { x: good.x }), 'the step\'s input "labels" is not among those given'],
      [step.run(0, 0.1, { ...good, x: good.labels }), 'the step\'s input "x" is float32[1,4,6], int64[1,4] is given'],
    ] as const;
    for (const [run, message] of refusals) await expect(run).rejects.toThrow(message);
    expect(bitsOf(await step.state())).toEqual(before);
    await step.run(0, 0.1, good);
    expect(bitsOf(await step.state())).not.toEqual(before);
  });

  test('that was disposed of says so, and is disposed of twice', async () => {
    const step = await compile();
    await step[Symbol.asyncDispose]();
    await step[Symbol.asyncDispose]();
    await expect(step.run(0, 0.1, batchAt(0))).rejects.toThrow('the training step was disposed of');
    await expect(step.state()).rejects.toThrow('the training step was disposed of');
  });

  test('has a loss, and no result that is called as an input is', () => {
    const build = (results: (y: Value) => Record<string, Value>) =>
      buildStep({
        model,
        inputs: { x: { dtype: 'float32', shape: [batch, 6] } },
        loss: (network, { x }, trace) => results(network.call(x, trace)) as { loss: Value },
        optimiser: sgd(),
      });
    expect(() => build((y) => ({ error: reduceMean(y) }))).toThrow('the definition gives no "loss", only error');
    expect(() => build((y) => ({ loss: reduceMean(y), x: y }))).toThrow('the result "x" has the name of an input');
  });

  test('has a loss that a parameter moves, and averages with a decay', () => {
    const build = (loss: (y: Value) => Value, averageDecay?: number) =>
      buildStep({
        model,
        inputs: { x: { dtype: 'float32', shape: [batch, 6] } },
        loss: (network, { x }, trace) => ({ loss: loss(network.call(x, trace)) }),
        optimiser: sgd(),
        averageDecay,
      });
    expect(() => build((y) => reduceMean(cast(argMax(y), 'float32')))).toThrow(
      'no parameter that is to be trained moves the loss',
    );
    for (const decay of [0, 1, Number.NaN])
      expect(() => build((y) => reduceMean(y), decay)).toThrow(`a number between 0 and 1 is expected, ${decay} came`);
  });
});
