/** Optimisers against the ways that PyTorch's take, step by step. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/graph/graph.js';
import { Module } from '../../src/nn/module.js';
import { filled, Parameter } from '../../src/nn/parameter.js';
import type { Trace } from '../../src/nn/trace.js';
import { add, mul, reduceSum } from '../../src/ops/build.js';
import { adam, adamW, sgd } from '../../src/optim/optimisers.js';
import { constantRate, cosineRate, stepRate, withWarmup } from '../../src/optim/schedule.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { TrainingStep } from '../../src/train/step.js';
import { buildStep } from '../../src/train/step-graph.js';
import { expectClose } from '../oracle/expect-close.js';

interface Place {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

interface Golden {
  readonly name: string;
  readonly optimiser: keyof typeof optimisers;
  readonly options: Readonly<Record<string, never>>;
  readonly start: Place;
  readonly rates: readonly number[];
  readonly data: readonly { readonly c: readonly number[]; readonly d: readonly number[] }[];
  readonly trajectory: readonly Place[];
}

interface ScheduleGolden {
  readonly schedule: 'constantRate' | 'stepRate' | 'cosineRate';
  readonly arguments: readonly [number, number, number];
  readonly warmup: number;
  readonly rates: readonly number[];
}

const optimisers = { sgd, adam, adamW };
const schedules = { constantRate, stepRate, cosineRate };
const shapes = { a: [3], b: [2, 2] } as const;

function lines<T>(name: string): readonly T[] {
  const text = readFileSync(new URL(`../golden/torch/${name}.jsonl`, import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Σ c∘a + ½ Σ d∘b² */
class Valley extends Module<Readonly<Record<string, Value>>> {
  readonly a = new Parameter(shapes.a, filled(0));
  readonly b = new Parameter(shapes.b, filled(0));

  protected forward({ c, d }: Readonly<Record<string, Value>>, trace: Trace): Value {
    const b = trace.parameter(this.b);
    return add(reduceSum(mul(c!, trace.parameter(this.a))), mul(reduceSum(mul(d!, mul(b, b))), 0.5));
  }
}

const placed = ({ a, b }: Place): Map<string, Tensor> =>
  new Map([
    ['a', tensor('float32', shapes.a, a)],
    ['b', tensor('float32', shapes.b, b)],
  ]);

const goldens = lines<Golden>('optimisers');

describe.each(['sgd', 'adam', 'adamW'] as const)('%s', (optimiser) => {
  it.each(goldens.filter((golden) => golden.optimiser === optimiser))('$name', async (golden) => {
    const definition = buildStep({
      model: new Valley(),
      inputs: { c: { dtype: 'float32', shape: shapes.a }, d: { dtype: 'float32', shape: shapes.b } },
      loss: (model, inputs, trace) => ({ loss: model.call(inputs, trace) }),
      optimiser: optimisers[golden.optimiser](golden.options),
    });
    const runtime = nodeRuntime({ threads: 1 });
    await using step = await TrainingStep.compile(runtime, definition, placed(golden.start), 1);
    for (const [i, { c, d }] of golden.data.entries()) {
      const batch = { c: tensor('float32', shapes.a, c), d: tensor('float32', shapes.b, d) };
      await step.run(i, golden.rates[i]!, batch);
      for (const name of ['a', 'b'] as const) {
        const data = Float64Array.from(golden.trajectory[i]![name]);
        const expected = { dtype: 'float32', shape: shapes[name], data } as const;
        expectClose(
          (await step.state()).get(name)!,
          expected,
          { relative: 2e-6, absolute: 2e-6 },
          `${name} after step ${i}`,
        );
      }
    }
  });
});

it.each(lines<ScheduleGolden>('schedules'))('$schedule $arguments after $warmup steps of warm-up', (golden) => {
  const main = schedules[golden.schedule](...golden.arguments);
  const schedule = golden.warmup === 0 ? main : withWarmup(main, golden.warmup);
  golden.rates.forEach((rate, step) => {
    expect(schedule(step)).toBeCloseTo(rate, 9);
  });
});
