/** PyTorch's `state_dict`: a model's parameters and buffers by name, as files have them. */
import { LegendaError } from '../errors.js';
import { listed, quoted } from '../onnx/names.js';
import { isFloat } from '../tensor/dtype.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import { formatType, type Tensor } from '../tensor/tensor.js';
import { type AnyModule, everyModule, everyParameter } from './module.js';
import type { Parameter } from './parameter.js';

export interface LoadStateDictOptions {
  /** Stands in front of every name in the given state, and goes: `module.` of PyTorch's `DataParallel`, for example. */
  readonly prefix?: string;
  /**
   * Parameters, by their name in the model, that are not taken from the given state, whether or not they are in it: those
   * of a head that is new, for example.
   */
  readonly except?: (name: string) => boolean;
}

/**
 * A model's parameters and buffers from a state such as PyTorch's `state_dict`, checked: nothing that the model has may be
 * missing, nothing else be there, and every shape must be the model's. Names and shapes are PyTorch's.
 *
 * ```ts
 * const { tensors } = decodeSafetensors(readFileSync('model.safetensors'));
 * const parameters = loadStateDict(model, tensors);
 * ```
 *
 * float64 is rounded to float32 (and `decodeSafetensors` has widened float16 and bfloat16). What PyTorch keeps and nothing
 * here depends on, such as `num_batches_tracked`, may be there. Of a parameter that the model has under several names, one
 * is enough.
 *
 * @param tensors by name; those of float32 are shared with the result
 * @returns what `TrainingStep.compile`, `InferenceModel` and `exportModel` take
 * @throws LegendaError naming all that is missing, not expected, or of another shape or type
 */
export function loadStateDict(
  model: AnyModule,
  tensors: ReadonlyMap<string, Tensor>,
  options: LoadStateDictOptions = {},
): Map<string, Tensor> {
  const { prefix = '', except = () => false } = options;
  const given = new Map([...tensors].map(([name, tensor]) => [withoutPrefix(name, prefix), tensor]));
  const names = namesOf(model);
  const expected = new Set([...names.values()].flat());
  const ignored = new Set(unusedNames(model));
  const missing: string[] = [];
  const wrong: string[] = [];
  const loaded = new Map<string, Tensor>();
  for (const [parameter, aliases] of names) {
    if (aliases.some(except)) continue;
    const present = aliases.filter((name) => given.has(name));
    const [name] = present;
    if (name === undefined) {
      missing.push(aliases[0]!);
      continue;
    }
    const tensor = given.get(name)!;
    const problem = problemOf(tensor, parameter);
    if (problem !== undefined) wrong.push(`${quoted(name)} is ${formatType(tensor)}, ${problem} is expected`);
    const other = present.find((alias) => !sameValues(given.get(alias)!, tensor));
    if (other !== undefined) wrong.push(`${quoted(name)} and ${quoted(other)} are one parameter here, and differ`);
    loaded.set(aliases[0]!, asFloat32(tensor));
  }
  const unexpected = [...given.keys()].filter((name) => !expected.has(name) && !ignored.has(name));
  const problems = [
    ...(missing.length > 0 ? [`missing ${listed(missing)}`] : []),
    ...(unexpected.length > 0 ? [`not expected ${listed(unexpected)}`] : []),
    ...wrong.slice(0, 8),
    ...(wrong.length > 8 ? [`${wrong.length - 8} more do not fit`] : []),
    ...prefixHint(missing, unexpected),
  ];
  if (problems.length === 0) return loaded;
  throw new LegendaError(`the given parameters do not fit ${model.constructor.name}: ${problems.join('; ')}`);
}

/**
 * A model's parameters and buffers under the names of PyTorch's `state_dict`: what `encodeSafetensors` makes a file of that
 * PyTorch's `load_state_dict` takes.
 *
 * @param parameters by name, such as a training's state; what else is there, such as the optimiser's, is left out
 * @throws LegendaError naming a parameter that is missing or of another shape
 */
export function stateDict(model: AnyModule, parameters: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const state = new Map<string, Tensor>();
  for (const [{ shape, dtype }, aliases] of namesOf(model)) {
    const tensor = parameters.get(aliases[0]!);
    if (tensor?.dtype !== dtype || !sameShape(tensor.shape, shape)) {
      const came = tensor === undefined ? 'nothing' : formatType(tensor);
      throw new LegendaError(`${formatType({ dtype, shape })} is expected as ${quoted(aliases[0]!)}, ${came} came`);
    }
    for (const name of aliases) state.set(name, tensor);
  }
  return state;
}

/** Every parameter with all its names, the first of which is the one that the rest of the program uses. */
function namesOf(model: AnyModule): Map<Parameter, string[]> {
  const names = new Map<Parameter, string[]>();
  for (const [name, parameter] of everyParameter(model)) {
    const known = names.get(parameter);
    if (known === undefined) names.set(parameter, [name]);
    else known.push(name);
  }
  return names;
}

const unusedNames = (model: AnyModule): string[] =>
  everyModule(model).flatMap(([path, module]) =>
    module.unusedState().map((name) => (path === '' ? name : `${path}.${name}`)),
  );

function withoutPrefix(name: string, prefix: string): string {
  if (name.startsWith(prefix)) return name.slice(prefix.length);
  throw new LegendaError(`the given parameters have ${quoted(name)}, which does not begin with ${quoted(prefix)}`);
}

function problemOf({ dtype, shape }: Tensor, parameter: Parameter): string | undefined {
  if (!isFloat(dtype)) return 'a float';
  return sameShape(shape, parameter.shape) ? undefined : formatShape(parameter.shape);
}

const sameValues = (a: Tensor, b: Tensor): boolean =>
  a === b || (sameShape(a.shape, b.shape) && a.data.every((value, i) => Object.is(value, b.data[i])));

const asFloat32 = (tensor: Tensor): Tensor =>
  tensor.dtype === 'float64'
    ? { ...tensor, dtype: 'float32', data: Float32Array.from(tensor.data as Float64Array) }
    : tensor;

/** Wrappers of PyTorch put a step in front of all names: where that is all that is wrong, says what to do. */
function prefixHint(missing: readonly string[], unexpected: readonly string[]): string[] {
  const [first] = missing;
  const found = unexpected.find((name) => name.endsWith(`.${first}`));
  if (first === undefined || found === undefined) return [];
  const prefix = found.slice(0, -first.length);
  const rest = new Set(unexpected.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)));
  if (!missing.every((name) => rest.has(name))) return [];
  return [
    `the names would fit without ${quoted(prefix)} in front: load them with that prefix, or save what is inside it`,
  ];
}
