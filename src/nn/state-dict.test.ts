import { describe, expect, it } from 'vitest';
import type { Value } from '../graph/graph.js';
import { type Tensor, tensor, zeros } from '../tensor/tensor.js';
import { BatchNorm2d } from './batch-norm2d.js';
import { Conv2d } from './conv2d.js';
import { Linear } from './linear.js';
import { initialParameters, Module } from './module.js';
import { Sequential } from './sequential.js';
import { loadStateDict, stateDict } from './state-dict.js';

const model = new Sequential({ conv: new Conv2d(1, 2, 3), norm: new BatchNorm2d(2), head: new Linear(8, 3) });
const good = (): Map<string, Tensor> => initialParameters(model, 1);

/** The good state under other names, or with other tensors. */
function changed(change: (name: string, tensor: Tensor) => readonly [string, Tensor] | undefined): Map<string, Tensor> {
  const entries = [...good()].map(([name, t]) => change(name, t));
  return new Map(entries.filter((entry) => entry !== undefined));
}

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};

describe('loadStateDict', () => {
  it('gives what fits by name, and forgets what nothing depends on', () => {
    const state = good().set('norm.num_batches_tracked', tensor('int64', [], [7]));
    expect(loadStateDict(model, state)).toEqual(good());
  });

  it('says all that is wrong at once', () => {
    const state = changed((name, t) => {
      if (name === 'conv.bias') return ['conv.b', t];
      if (name === 'head.weight') return [name, zeros({ dtype: 'float32', shape: [3, 4] })];
      if (name === 'norm.running_mean') return undefined;
      if (name === 'norm.weight') return [name, tensor('int64', [2], [1, 2])];
      return [name, t];
    });
    state.set('head.num_batches_tracked', tensor('int64', [], [7]));
    expect(messageOf(() => loadStateDict(model, state))).toBe(
      'the given parameters do not fit Sequential: missing "conv.bias", "norm.running_mean"; ' +
        'not expected "conv.b", "head.num_batches_tracked"; "norm.weight" is int64[2], a float is expected; ' +
        '"head.weight" is float32[3,4], [3,8] is expected',
    );
  });

  it('is short about much that is wrong, and escapes names', () => {
    const state = new Map(Array.from({ length: 50 }, (_, i) => [`\u001b[31m${i}`, tensor('float32', [1], [0])]));
    const message = messageOf(() => loadStateDict(model, state));
    expect(message).toContain('"\\u001b[31m0", ');
    expect(message).toMatch(/ and 42 more$/);
    expect(message.length).toBeLessThan(500);
  });

  it('takes a prefix away, and says when one is all that is wrong', () => {
    const wrapped = changed((name, t) => [`module.${name}`, t]);
    wrapped.set('module.norm.num_batches_tracked', tensor('int64', [], [7]));
    expect(loadStateDict(model, wrapped, { prefix: 'module.' })).toEqual(good());
    expect(messageOf(() => loadStateDict(model, wrapped))).toContain(
      'the names would fit without "module." in front: load them with that prefix, or save what is inside it',
    );
    expect(messageOf(() => loadStateDict(model, good(), { prefix: 'module.' }))).toBe(
      'the given parameters have "conv.weight", which does not begin with "module."',
    );
    const other = changed((name, t) => [name === 'conv.bias' ? 'other' : `module.${name}`, t]);
    expect(messageOf(() => loadStateDict(model, other))).not.toContain('in front');
  });

  it('rounds doubles to single precision', () => {
    // less than half of a step of single precision, even for the smallest that is not 0
    const doubled = (data: Float32Array) => Float64Array.from(data, (value) => value * (1 + 1e-9));
    const doubles = changed((name, t) => [name, tensor('float64', t.shape, doubled(t.data as Float32Array))]);
    expect(loadStateDict(model, doubles)).toEqual(good());
  });

  it('leaves out what it is told to', () => {
    const except = (name: string) => name.startsWith('head.');
    const expected = new Map([...good()].filter(([name]) => !except(name)));
    const otherHead = changed((name, t) => [name, except(name) ? zeros({ dtype: 'float32', shape: [9] }) : t]);
    expect(loadStateDict(model, otherHead, { except })).toEqual(expected);
    expect(loadStateDict(model, expected, { except })).toEqual(expected);
  });
});

describe('a parameter under two names', () => {
  class Tied extends Module {
    readonly first = new Linear(2, 2, { bias: false });
    readonly second = { weight: this.first.weight };

    protected forward(x: Value): Value {
      return x;
    }
  }
  const tied = new Tied();
  const weight = (value: number) => tensor('float32', [2, 2], [1, 2, 3, value]);

  it('is loaded from either, and from both where they are the same', () => {
    const expected = new Map([['first.weight', weight(4)]]);
    expect(loadStateDict(tied, expected)).toEqual(expected);
    expect(loadStateDict(tied, new Map([['second.weight', weight(4)]]))).toEqual(expected);
    expect(loadStateDict(tied, new Map([...expected, ['second.weight', weight(4)]]))).toEqual(expected);
    expect(messageOf(() => loadStateDict(tied, new Map([...expected, ['second.weight', weight(5)]])))).toBe(
      'the given parameters do not fit Tied: "first.weight" and "second.weight" are one parameter here, and differ',
    );
    expect(messageOf(() => loadStateDict(tied, new Map()))).toContain('missing "first.weight"');
  });

  it('is written under both', () => {
    const state = stateDict(tied, new Map([['first.weight', weight(4)]]));
    expect([...state.keys()]).toEqual(['first.weight', 'second.weight']);
  });
});

describe('stateDict', () => {
  it('leaves the state of the optimiser out', () => {
    const state = new Map([['momentum/conv.weight', tensor('float32', [1], [1])], ...good()]);
    expect([...stateDict(model, state).keys()]).toEqual([...good().keys()]);
  });

  it('refuses what lacks a parameter, or has another in its place', () => {
    const state = good();
    state.set('head.bias', tensor('float32', [1], [1]));
    expect(() => stateDict(model, state)).toThrow('float32[3] is expected as "head.bias", float32[1] came');
    state.delete('head.bias');
    expect(() => stateDict(model, state)).toThrow('float32[3] is expected as "head.bias", nothing came');
  });
});
