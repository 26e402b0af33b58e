import { LegendaError } from '../errors.js';
import { type AnyModule, type Module, namedParameters } from '../nn/module.js';
import { sameShape } from '../tensor/shape.js';
import { formatType, type Tensor } from '../tensor/tensor.js';
import { loadCheckpoint, missingCheckpoint, type Which } from '../train/checkpoint.js';
import { openRun, type RunRecord } from '../train/record.js';
import { inferenceParameters } from '../train/step-graph.js';
import { configure } from './configure.js';
import type { ClassifierRecipe, ClassifierTraining } from './recipe.js';
import { classifierNamed } from './table.js';

/** A trained model as its run folder has it. */
export interface TrainedModel {
  readonly record: RunRecord;
  readonly recipe: ClassifierRecipe;
  readonly configuration: ClassifierTraining;
  readonly model: Module;
  /** Averages where the run kept them. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly step: number;
  /** SHA-256 of the checkpoint in hexadecimal. */
  readonly sha256: string;
}

/**
 * Opens a run and the parameters that its configuration selects.
 * @param which another choice of parameters
 * @throws LegendaError when the folder is no run, or has no checkpoint that can be read and fits its configuration
 */
export async function openTrained(dir: string, which?: Which): Promise<TrainedModel> {
  const record = await openRun(dir);
  const recipe = classifierNamed(record.recipe);
  const configuration = configure(recipe, record.configuration);
  const training = recipe.training?.(configuration);
  if (training === undefined) throw new LegendaError(`${dir}: ${recipe.name} is a network that is not trained`);
  const checkpoint = await loadCheckpoint(dir, which ?? training.select);
  if (checkpoint === undefined) throw await missingCheckpoint(dir);
  const model = recipe.model(configuration);
  const parameters = inferenceParameters(checkpoint.tensors);
  checkParameters(dir, model, parameters);
  return {
    record,
    recipe,
    configuration: training,
    model,
    parameters,
    step: checkpoint.step,
    sha256: checkpoint.sha256,
  };
}

/** @throws LegendaError when one of the model's parameters is missing or of another type */
export function checkParameters(dir: string, model: AnyModule, parameters: ReadonlyMap<string, Tensor>): void {
  for (const [name, { dtype, shape }] of namedParameters(model)) {
    const came = parameters.get(name);
    if (came?.dtype === dtype && sameShape(came.shape, shape)) continue;
    const what = came === undefined ? 'nothing' : formatType(came);
    throw new LegendaError(
      `the checkpoint of ${dir} has ${what} as "${name}", ${formatType({ dtype, shape })} is expected`,
    );
  }
}
