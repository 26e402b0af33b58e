import { expect, it } from 'vitest';
import type { Value } from '../../src/graph/graph.js';
import { Dropout } from '../../src/nn/dropout.js';
import { Module } from '../../src/nn/module.js';
import { filled, Parameter } from '../../src/nn/parameter.js';
import { Trace } from '../../src/nn/trace.js';
import { reduceSum } from '../../src/ops/build.js';
import { sgd } from '../../src/optim/optimisers.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { tensor } from '../../src/tensor/tensor.js';
import { TrainingStep } from '../../src/train/step.js';
import { buildStep } from '../../src/train/step-graph.js';

const count = 20_000;

/** Ones, through two dropouts that stand beside each other. */
class Ones extends Module<undefined, readonly [Value, Value]> {
  readonly ones = new Parameter([count], filled(1));
  readonly first: Dropout;
  readonly second: Dropout;

  constructor(p: number) {
    super();
    this.first = new Dropout(p);
    this.second = new Dropout(p);
  }

  protected forward(_: undefined, trace: Trace): readonly [Value, Value] {
    const ones = trace.parameter(this.ones);
    return [this.first.call(ones, trace), this.second.call(ones, trace)];
  }
}

async function compiled(p: number, seed: number): Promise<TrainingStep> {
  const definition = buildStep({
    model: new Ones(p),
    inputs: {},
    loss: (model, _, trace) => {
      const [first, second] = model.call(undefined, trace);
      return { loss: reduceSum(first), first, second };
    },
    optimiser: sgd(),
  });
  const state = new Map([['ones', tensor('float32', [count], new Float32Array(count).fill(1))]]);
  return TrainingStep.compile(nodeRuntime({ threads: 1 }), definition, state, seed);
}

/** Rate 0, so that the parameters stay ones. */
async function outputs(step: TrainingStep, number: number): Promise<[Float32Array, Float32Array]> {
  const { first, second } = await step.run(number, 0, {});
  return [(first!.data as Float32Array).slice(), (second!.data as Float32Array).slice()];
}

it.each([0.1, 0.3, 0.5, 0.9])('keeps a share of 1 - %f, scaled so that the mean stays', async (p) => {
  await using step = await compiled(p, 1);
  for (const data of await outputs(step, 0)) {
    const kept = data.filter((value) => value !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / (1 - p))]));
    // five standard deviations
    expect(Math.abs(kept.length / count - (1 - p))).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / count));
    // neighbours do not know of each other
    const both = data.filter((value, i) => i % 2 === 0 && value !== 0 && data[i + 1] !== 0).length / (count / 2);
    expect(Math.abs(both - (1 - p) ** 2)).toBeLessThan(0.02);
  }
});

it('passes the gradient where it kept', async () => {
  await using step = await compiled(0.5, 1);
  const { first } = await step.run(0, 1, {});
  const mask = (first!.data as Float32Array).slice();
  expect((await step.state()).get('ones')!.data).toEqual(mask.map((value) => 1 - value));
});

it('draws by seed, place and step alone', async () => {
  await using step = await compiled(0.5, 1);
  const [first, second] = await outputs(step, 3);
  expect(second).not.toEqual(first);
  expect((await outputs(step, 4))[0]).not.toEqual(first);
  expect(await outputs(step, 3)).toEqual([first, second]);
  await using same = await compiled(0.5, 1);
  expect(await outputs(same, 3)).toEqual([first, second]);
  await using other = await compiled(0.5, 2);
  expect((await outputs(other, 3))[0]).not.toEqual(first);
});

it('changes nothing in evaluation, nor with a probability of 0', () => {
  for (const [p, training] of [
    [0.5, false],
    [0, true],
  ] as const) {
    const model = new Ones(p);
    const trace = new Trace(model, training);
    const [first, second] = model.call(undefined, trace);
    expect(first).toBe(trace.parameter(model.ones));
    expect(second).toBe(first);
    expect(trace.masks).toEqual([]);
  }
});
