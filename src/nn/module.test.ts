import { describe, expect, it } from 'vitest';
import type { Value } from '../graph/graph.js';
import { add } from '../ops/build.js';
import { interpret } from '../ops/interpret.js';
import { ReLU } from './activation.js';
import { BatchNorm2d } from './batch-norm2d.js';
import { Linear } from './linear.js';
import { countParameters, initialParameters, Module, namedModules, namedParameters } from './module.js';
import { filled, Parameter } from './parameter.js';
import { Sequential } from './sequential.js';
import { Trace } from './trace.js';

/** Everything that a field may hold. */
class Holder extends Module {
  readonly first = new Linear(2, 3);
  readonly list = [new Linear(3, 3, { bias: false }), [new ReLU(), new Linear(3, 1)]];
  readonly named = { a: new Linear(1, 1), scale: new Parameter([2], filled(3)) };
  readonly sequence = new Sequential({ in: new Linear(1, 2), out: new Sequential([new ReLU(), new Linear(2, 1)]) });
  readonly number = 3;
  readonly text = 'text';
  readonly nothing = undefined;
  readonly map = new Map([['hidden', new Linear(9, 9)]]);
  readonly again = this.first;

  protected forward(x: Value): Value {
    return x;
  }
}

describe('namedParameters', () => {
  it('finds them in fields, arrays and objects, by paths in the order of the fields, shared ones once', () => {
    expect([...namedParameters(new Holder()).keys()]).toEqual([
      'first.weight',
      'first.bias',
      'list.0.weight',
      'list.1.1.weight',
      'list.1.1.bias',
      'named.a.weight',
      'named.a.bias',
      'named.scale',
      'sequence.in.weight',
      'sequence.in.bias',
      'sequence.out.1.weight',
      'sequence.out.1.bias',
    ]);
    expect(countParameters(new Holder())).toBe(9 + 9 + 4 + 2 + 2 + 4 + 3);
  });

  it('refuses a module that holds itself', () => {
    class Loop extends Module {
      readonly inner = new Sequential({ layer: new Linear(1, 1) });
      readonly parts: Module[] = [this];

      protected forward(x: Value): Value {
        return x;
      }
    }
    expect(() => namedParameters(new Loop())).toThrow('the field "parts.0" holds what it is itself a part of');
  });
});

it('namedModules has every module under its first path, the root under the empty one', () => {
  const paths = [...namedModules(new Holder()).keys()];
  expect(paths.slice(0, 5)).toEqual(['', 'first', 'list.0', 'list.1.0', 'list.1.1']);
  expect(paths).not.toContain('again');
});

describe('initialParameters', () => {
  it('draws each by its name, whatever else the model has', () => {
    const layer = () => new Linear(4, 3);
    const small = initialParameters(new Sequential({ a: layer() }), 7);
    const large = initialParameters(new Sequential({ b: layer(), a: layer() }), 7);
    expect(large.get('a.weight')).toEqual(small.get('a.weight'));
    expect(large.get('b.weight')).not.toEqual(small.get('a.weight'));
    expect(initialParameters(new Sequential({ a: layer() }), 8).get('a.weight')).not.toEqual(small.get('a.weight'));
  });
});

describe('a trace', () => {
  const type = { dtype: 'float32', shape: [2, 2] } as const;

  it('refuses modules and parameters that the model does not own', () => {
    class Outside extends Module {
      readonly #hidden = new Linear(2, 2);

      protected forward(x: Value, trace: Trace): Value {
        return this.#hidden.call(x, trace);
      }
    }
    const model = new Outside();
    const trace = new Trace(model, true);
    const x = trace.graph.input('x', type);
    expect(() => model.call(x, trace)).toThrow('a Linear is called that the model does not own in a public field');
    expect(() => trace.parameter(new Parameter([2], filled(0)))).toThrow(
      'a parameter [2] is used that the model does not own',
    );
  });

  it('has one input for a parameter that is used twice', () => {
    class Twice extends Module {
      readonly layer = new Linear(2, 2);

      protected forward(x: Value, trace: Trace): Value {
        return add(this.layer.call(x, trace), this.layer.call(x, trace));
      }
    }
    const model = new Twice();
    const trace = new Trace(model, true);
    model.call(trace.graph.input('x', type), trace);
    expect([...trace.parameters.keys()]).toEqual(['layer.weight', 'layer.bias']);
    expect(trace.graph.inputs).toHaveLength(3);
  });

  it('moves the statistics of a normalisation that is called twice by both batches', () => {
    class Siamese extends Module {
      readonly norm = new BatchNorm2d(1);

      protected forward(x: Value, trace: Trace): Value {
        return add(this.norm.call(x, trace), this.norm.call(add(x, 1), trace));
      }
    }
    const model = new Siamese();
    const trace = new Trace(model, true);
    const x = trace.graph.input('x', { dtype: 'float32', shape: [1, 1, 1, 2] });
    model.call(x, trace);
    expect([...trace.updates.keys()]).toEqual(['norm.running_mean', 'norm.running_var']);
    trace.graph.output('mean', trace.updates.get('norm.running_mean')!);
    const one = (value: number) => ({ shape: [1], data: Float64Array.of(value) });
    const feeds = {
      x: { shape: [1, 1, 1, 2], data: Float64Array.of(1, 3) },
      'norm.weight': one(1),
      'norm.bias': one(0),
      'norm.running_mean': one(0),
      'norm.running_var': one(1),
    };
    // 0.1 · 2, then 0.9 times that and 0.1 · 3
    expect(interpret(trace.graph, feeds)['mean']!.data[0]).toBeCloseTo(0.48, 6);
  });
});
