import { join } from 'node:path';
import { z } from 'zod';
import type { Preprocessing } from '../data/images/preprocess.js';
import { LegendaError } from '../errors.js';
import { readJson } from '../json.js';
import type { CaptionNetwork } from '../models/caption-network.js';
import type { Tensor } from '../tensor/tensor.js';
import { Vocabulary } from '../text/vocabulary.js';
import { loadCheckpoint, missingCheckpoint, type Which } from '../train/checkpoint.js';
import { openRun, type RunRecord } from '../train/record.js';
import { inferenceParameters } from '../train/step-graph.js';
import { configure } from './configure.js';
import { checkParameters } from './open-run.js';
import { networkOf, vocabularyFile } from './prepare-captioner.js';
import type { CaptionerTraining } from './recipe.js';
import { captionerNamed } from './table.js';
import { trainedEncoder } from './trained-encoder.js';

/** A trained captioner as its run folder has it. */
export interface TrainedCaptioner {
  readonly record: RunRecord;
  readonly configuration: CaptionerTraining;
  readonly network: CaptionNetwork;
  readonly vocabulary: Vocabulary;
  /** Averages where the run kept them. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** How images become what the network, or its encoder, takes. */
  readonly preprocessing: Preprocessing;
  readonly step: number;
  /** SHA-256 of the checkpoint in hexadecimal. */
  readonly sha256: string;
}

/**
 * Opens a captioner's run and the parameters that its configuration selects.
 * @param which another choice of parameters
 * @throws LegendaError when the folder is no such run, or has no checkpoint that can be read and fits its configuration
 */
export async function openCaptioner(dir: string, which?: Which): Promise<TrainedCaptioner> {
  const record = await openRun(dir);
  const recipe = captionerNamed(record.recipe);
  const configuration = configure(recipe, record.configuration);
  const training = recipe.training(configuration);
  const vocabulary = new Vocabulary(await readJson(join(dir, vocabularyFile), z.array(z.string())));
  const checkpoint = await loadCheckpoint(dir, which ?? training.select);
  if (checkpoint === undefined) throw await missingCheckpoint(dir);
  const parameters = inferenceParameters(checkpoint.tensors);
  const { encoder, fineTune } = training;
  const trained = encoder === null || fineTune ? await trainedEncoder(training) : undefined;
  const network = networkOf(recipe, configuration, {
    vocabulary: vocabulary.size,
    features: trained?.features ?? featuresOf(dir, parameters),
    encoder: trained?.encoder,
  });
  checkParameters(dir, network, parameters);
  return {
    record,
    configuration: training,
    network,
    vocabulary,
    parameters,
    preprocessing: trained?.preprocessing ?? training.preprocessing,
    step: checkpoint.step,
    sha256: checkpoint.sha256,
  };
}

/** Features of a region, as the parameters that take them in have it. */
function featuresOf(dir: string, parameters: ReadonlyMap<string, Tensor>): number {
  const name = 'decoder.firstHidden.weight';
  const features = parameters.get(name)?.shape[1];
  if (features === undefined) throw new LegendaError(`the checkpoint of ${dir} has no "${name}"`);
  return features;
}
