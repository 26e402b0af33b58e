import { LegendaError } from '../errors.js';
import { sameShape } from '../tensor/shape.js';
import { formatType, type Tensor, type TensorType } from '../tensor/tensor.js';

/**
 * Those of a model's parameters that a graph uses.
 * @param used their types by name
 * @throws LegendaError naming the first that is missing or of another type
 */
export function parametersNamed(
  used: ReadonlyMap<string, TensorType>,
  parameters: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  return new Map(
    Array.from(used, ([name, type]) => {
      const parameter = parameters.get(name);
      if (parameter === undefined) throw new LegendaError(`the model's parameter "${name}" is not among those given`);
      if (parameter.dtype !== type.dtype || !sameShape(parameter.shape, type.shape))
        throw new LegendaError(
          `the model's parameter "${name}" is ${formatType(type)}, ${formatType(parameter)} is given`,
        );
      return [name, parameter];
    }),
  );
}
