import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { LegendaError } from '../errors.js';
import { readFileBounded } from '../files.js';
import type { AnyModule } from '../nn/module.js';
import { loadStateDict } from '../nn/state-dict.js';
import { decodeSafetensors } from '../tensor/safetensors.js';
import type { Tensor } from '../tensor/tensor.js';

/** Parameters that a training starts from, and where they came from. */
export interface Weights {
  /** The file, absolute. */
  readonly source: string;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
  /** All that the model has, by name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
}

const largestFile = 2 ** 31 - 1;

/**
 * A model's parameters from a safetensors file, such as PyTorch's `state_dict`.
 * @throws LegendaError naming the file when it cannot be read, is damaged, or does not fit the model
 */
export async function readWeights(path: string, model: AnyModule): Promise<Weights> {
  const bytes = await readFileBounded(path, largestFile);
  try {
    const parameters = loadStateDict(model, decodeSafetensors(bytes).tensors);
    return { source: resolve(path), sha256: createHash('sha256').update(bytes).digest('hex'), parameters };
  } catch (error) {
    if (!(error instanceof LegendaError)) throw error;
    throw new LegendaError(`${path}: ${error.message}`, { cause: error });
  }
}
