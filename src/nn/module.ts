import type { Value } from '../graph/graph.js';
import { stream } from '../tensor/random.js';
import { type Tensor, zeros } from '../tensor/tensor.js';
import { Parameter } from './parameter.js';
import type { Trace } from './trace.js';

/**
 * A layer, or a whole model: parameters and a forward. Parameters and modules in its fields (and in arrays there) are
 * found by themselves and named by the fields' path, as in PyTorch: `classifier.0.weight`.
 */
export abstract class Module<Input = Value, Output = Value> {
  /** Builds the computation. Layers are used through `call`. */
  protected abstract forward(input: Input, trace: Trace): Output;

  /** Runs `forward` in the trace, with the nodes it builds marked as this module's. */
  call(input: Input, trace: Trace): Output {
    return trace.enter(this, () => this.forward(input, trace));
  }

  /** Where parameters and modules are looked for, by the step they add to the path. */
  children(): [string, unknown][] {
    return Object.entries(this);
  }

  /** How the number of parameters comes about, for example `(5·5·3)·8 + 8`; empty when there are none of its own. */
  formula(): string {
    return '';
  }
}

/** A module of any kind, for walks that do not call it. */
export type AnyModule = Module<never, unknown>;

/** A module's parameters and buffers by their path, in the order of its fields: the keys of PyTorch's `state_dict`. */
export function namedParameters(root: AnyModule): Map<string, Parameter> {
  const found = new Map<string, Parameter>();
  walk(root, '', (path, item) => {
    if (item instanceof Parameter) found.set(path, item);
  });
  return found;
}

/** Every module below (and with) the root by its path; the root's is empty. */
export function namedModules(root: AnyModule): Map<string, AnyModule> {
  const found = new Map<string, AnyModule>();
  walk(root, '', (path, item) => {
    if (item instanceof Module) found.set(path, item);
  });
  return found;
}

/** New values for all parameters and buffers; each has its own stream, so adding a layer changes no other's values. */
export function initialParameters(root: AnyModule, seed: number): Map<string, Tensor> {
  return new Map(
    [...namedParameters(root)].map(([name, parameter]) => {
      const tensor = zeros(parameter);
      parameter.initialise(stream(seed, 'init', name), tensor.data as Float32Array);
      return [name, tensor];
    }),
  );
}

/** Number of trained values. */
export function countParameters(root: AnyModule): number {
  let count = 0;
  for (const parameter of new Set(namedParameters(root).values())) {
    if (parameter.trainable) count += parameter.shape.reduce((product, size) => product * size, 1);
  }
  return count;
}

function walk(item: unknown, path: string, visit: (path: string, item: unknown) => void): void {
  if (item instanceof Parameter || item instanceof Module) visit(path, item);
  if (item instanceof Parameter) return;
  const children = item instanceof Module ? item.children() : isList(item) ? Object.entries(item) : [];
  for (const [key, child] of children) walk(child, path === '' ? key : `${path}.${key}`, visit);
}

const isList = (item: unknown): item is object =>
  typeof item === 'object' &&
  item !== null &&
  (Array.isArray(item) || Object.getPrototypeOf(item) === Object.prototype);
