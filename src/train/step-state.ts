import { LegendaError } from '../errors.js';
import { inputName } from '../graph/graph.js';
import type { StateInput } from '../runtime/session.js';
import { sameShape } from '../tensor/shape.js';
import { formatType, type Tensor } from '../tensor/tensor.js';
import { writableInPlace } from './in-place.js';
import { averageName, nextName, type StepGraph } from './step-graph.js';

/**
 * What a step's session feeds itself.
 * @param given values of everything carried; what is missing starts at the optimiser's own initial values, averages at the
 *   parameters'
 * @throws LegendaError when a value is missing or is not of its input's type
 */
export const stateOf = (definition: StepGraph, given: ReadonlyMap<string, Tensor>): StateInput[] =>
  stateInputs(definition, completeState(definition, given));

/** What is given, the optimiser's initial values where it is missing, and parameters where their averages are. */
function completeState({ state, initial }: StepGraph, given: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const complete = new Map([...initial, ...given]);
  for (const name of state) {
    const averaged = name.startsWith(averageName('')) ? given.get(name.slice(averageName('').length)) : undefined;
    if (!complete.has(name) && averaged !== undefined) complete.set(name, averaged);
  }
  return complete;
}

function stateInputs({ graph, state, fixed, initial }: StepGraph, values: ReadonlyMap<string, Tensor>): StateInput[] {
  const types = new Map(graph.inputs.map((input) => [inputName(input), input]));
  const inputs = [
    ...state.map((name) => [name, nextName(name)] as const),
    ...fixed.map((name) => [name, undefined] as const),
  ];
  // of the optimiser's own alone: what a runtime fuses may read a layer's parameters later than the graph says
  const own = state.filter((name) => initial.has(name));
  const inPlace = writableInPlace(graph, new Map(own.map((name) => [name, nextName(name)])));
  return inputs.map(([name, next]) => {
    const { dtype, shape } = types.get(name)!;
    const value = values.get(name);
    if (value === undefined) throw new LegendaError(`the training state lacks "${name}"`);
    if (value.dtype !== dtype || !sameShape(value.shape, shape)) {
      throw new LegendaError(
        `"${name}" is ${formatType(value)} in the given state, the model expects ${formatType({ dtype, shape })}`,
      );
    }
    return { name, value: { dtype, shape, data: value.data }, next, inPlace: inPlace.has(name) };
  });
}
