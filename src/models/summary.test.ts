import { expect, it } from 'vitest';
import type { Value } from '../graph/graph.js';
import { Flatten, ReLU } from '../nn/activation.js';
import { BatchNorm2d } from '../nn/batch-norm2d.js';
import { Conv2d } from '../nn/conv2d.js';
import { Linear } from '../nn/linear.js';
import { countParameters, Module } from '../nn/module.js';
import { filled, Parameter } from '../nn/parameter.js';
import { Sequential } from '../nn/sequential.js';
import type { Trace } from '../nn/trace.js';
import { add, matmul, mul } from '../ops/build.js';
import { summarise } from './summary.js';

const about = (image: readonly number[]) => ({ name: 'test', title: 'A test', image });

it('has a row a layer, by its path, with what PyTorch counts', () => {
  const model = new Sequential({
    features: new Sequential([new Conv2d(1, 2, 3, { bias: false }), new BatchNorm2d(2), new ReLU()]),
    flatten: new Flatten(),
    head: new Linear(8, 3),
  });
  const { layers, ...totals } = summarise(model, about([1, 4, 4]));
  expect(layers).toEqual([
    { name: 'features.0', type: 'Conv2d', output: '[2,2,2]', parameters: 18, formula: '(3·3·1)·2', multiplyAdds: 72 },
    { name: 'features.1', type: 'BatchNorm2d', output: '[2,2,2]', parameters: 4, formula: '2·2', multiplyAdds: 0 },
    { name: 'features.2', type: 'ReLU', output: '[2,2,2]', parameters: 0, formula: '', multiplyAdds: 0 },
    { name: 'flatten', type: 'Flatten', output: '[8]', parameters: 0, formula: '', multiplyAdds: 0 },
    { name: 'head', type: 'Linear', output: '[3]', parameters: 27, formula: '8·3 + 3', multiplyAdds: 24 },
  ]);
  expect(totals).toMatchObject({ parameters: 49, multiplyAdds: 96, memory: { parameterBytes: 196 } });
  expect(countParameters(model)).toBe(49);
});

it('counts layers in objects, shared layers once, and what a composed module does itself', () => {
  class Composed extends Module {
    readonly parts = { a: new Linear(4, 4), b: new Linear(4, 4, { bias: false }) };
    readonly mix = new Parameter([4, 4], filled(1));
    readonly scale = new Parameter([], filled(1));

    protected forward(x: Value, trace: Trace): Value {
      const a = this.parts.a.call(x, trace);
      const again = this.parts.a.call(this.parts.b.call(a, trace), trace);
      return mul(matmul(add(a, again), trace.parameter(this.mix)), trace.parameter(this.scale));
    }
  }
  const model = new Composed();
  const { layers, parameters, multiplyAdds } = summarise(model, about([4]));
  expect(
    layers.map(({ name, type, parameters, formula, multiplyAdds }) => [name, type, parameters, formula, multiplyAdds]),
  ).toEqual([
    ['parts.a', 'Linear', 20, '4·4 + 4', 16],
    ['parts.b', 'Linear', 16, '4·4', 16],
    ['parts.a', 'Linear', 0, '', 16],
    ['', 'Composed', 17, '4·4 + 1', 16],
  ]);
  expect(parameters).toBe(countParameters(model));
  expect(multiplyAdds).toBe(64);
});
