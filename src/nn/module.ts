import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { stream } from '../tensor/random.js';
import { type Tensor, zeros } from '../tensor/tensor.js';
import { Parameter } from './parameter.js';
import type { Trace } from './trace.js';

/**
 * A layer, or a whole model: parameters and a forward (PyTorch's `torch.nn.Module`). Parameters and modules in its public
 * fields, and in arrays and plain objects there, are found by themselves and named by the fields' path, as in PyTorch:
 * `classifier.0.weight`. What is in two fields has the name of the first.
 */
export abstract class Module<Input = Value, Output = Value> {
  /** Builds the computation. Layers are used through `call`. */
  protected abstract forward(input: Input, trace: Trace): Output;

  /**
   * Runs `forward` in the trace, with the nodes it builds marked as this module's.
   * @throws LegendaError naming the layer, what it expects and what came, when the input does not fit; or when the traced
   *   model does not own the module
   */
  call(input: Input, trace: Trace): Output {
    return trace.enter(this, () => this.forward(input, trace), input);
  }

  /** Where parameters and modules are looked for, by the step they add to the path. */
  children(): [string, unknown][] {
    return Object.entries(this);
  }

  /** Names that PyTorch's `state_dict` has for this layer, and on which nothing here depends. */
  unusedState(): readonly string[] {
    return [];
  }

  /** How the number of parameters comes about, for example `(5·5·3)·8 + 8`; empty when there are none of its own. */
  formula(): string {
    return '';
  }
}

/** A module of any kind, for walks that do not call it. */
export type AnyModule = Module<never, unknown>;

/** A module's parameters and buffers by their path, in the order of its fields; each once, as in `named_parameters`. */
export const namedParameters = (root: AnyModule): Map<string, Parameter> => firstNames(everyParameter(root));

/** Every module below (and with) the root by its path, each once; the root's is empty. */
export const namedModules = (root: AnyModule): Map<string, AnyModule> => firstNames(everyModule(root));

/** Modules under all their paths, shared ones under several. */
export const everyModule = (root: AnyModule): [string, AnyModule][] =>
  [...walk(root, '', new Set())].flatMap(([path, item]) => (item instanceof Module ? [[path, item]] : []));

/** Parameters and buffers under all their paths, shared ones under several: the keys of PyTorch's `state_dict`. */
export const everyParameter = (root: AnyModule): [string, Parameter][] =>
  [...walk(root, '', new Set())].flatMap(([path, item]) => (item instanceof Parameter ? [[path, item]] : []));

function firstNames<T>(entries: readonly (readonly [string, T])[]): Map<string, T> {
  const seen = new Set<T>();
  return new Map(entries.filter(([, item]) => !seen.has(item) && seen.add(item)));
}

/**
 * First values for all parameters and buffers, by name: PyTorch's default distributions, or what an imported model brings.
 * Each has its own stream, so adding a layer changes no other's values.
 *
 * @param seed any whole number; the same one gives the same values
 */
export function initialParameters(root: AnyModule, seed: number): Map<string, Tensor> {
  return new Map(
    [...namedParameters(root)].map(([name, parameter]) => {
      const tensor = zeros(parameter);
      parameter.initialise(stream(seed, 'init', name), tensor.data as Float32Array);
      return [name, tensor];
    }),
  );
}

/** Number of trained values; buffers such as running statistics are not counted, as in PyTorch. */
export function countParameters(root: AnyModule): number {
  let count = 0;
  for (const parameter of namedParameters(root).values()) {
    if (parameter.trainable) count += parameter.shape.reduce((product, size) => product * size, 1);
  }
  return count;
}

/** Parameters and modules with their paths, a module before what it has. @param inside what is being walked through */
function* walk(item: unknown, path: string, inside: Set<unknown>): Generator<[string, Parameter | AnyModule]> {
  if (item instanceof Parameter || item instanceof Module) yield [path, item];
  if (!(item instanceof Module) && !isList(item)) return;
  if (inside.has(item)) throw new LegendaError(`the field "${path}" holds what it is itself a part of`);
  inside.add(item);
  for (const [key, child] of item instanceof Module ? item.children() : Object.entries(item)) {
    yield* walk(child, path === '' ? key : `${path}.${key}`, inside);
  }
  inside.delete(item);
}

const isList = (item: unknown): item is object =>
  typeof item === 'object' &&
  item !== null &&
  (Array.isArray(item) || Object.getPrototypeOf(item) === Object.prototype);
