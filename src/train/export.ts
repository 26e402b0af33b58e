import type { Module } from '../nn/module.js';
import { parametersNamed } from '../nn/parameters-named.js';
import { freeBatch } from '../onnx/free-batch.js';
import { writeOnnx } from '../onnx/write.js';
import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { inputName, outputName, traceInference } from './inference.js';

/**
 * A trained model as an ONNX file for inference, with its parameters inside and a free batch size.
 * @param image shape of one example; the file's input is `pixels`, float32 [batch, …], its output `output`
 * @param parameters by name, such as a training's state (of one with averages, its `inferenceParameters`); more may be there
 * @param metadata written into the file, for example how pixels are to be prepared
 * @throws LegendaError when a parameter is missing or of another type, or the model's graph depends on the batch size in a way that ONNX
 *   cannot leave open
 */
export function exportModel(
  model: Module,
  image: Shape,
  parameters: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // of one example a shape could be what it is by chance
  const [two, three] = [2, 3].map((batch) => traceInference(model, { dtype: 'float32', shape: [batch, ...image] }));
  return writeOnnx(freeBatch(two!.graph, three!.graph), {
    initialisers: parametersNamed(two!.parameters, parameters),
    axisNames: { [inputName]: ['batch'], [outputName]: ['batch'] },
    metadata,
  });
}
