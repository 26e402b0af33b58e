import { LegendaError } from '../errors.js';
import type { Module } from '../nn/module.js';
import { writeOnnx } from '../onnx/write.js';
import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { inputName, outputName, traceInference } from './inference.js';

/**
 * A trained model as an ONNX file for inference, with its parameters inside and a free batch size.
 * @param image shape of one example
 * @param metadata written into the file, for example how pixels are to be prepared
 * @throws LegendaError when the model's graph depends on the batch size
 */
export function exportModel(
  model: Module,
  image: Shape,
  parameters: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const trace = (batch: number) => traceInference(model, { dtype: 'float32', shape: [batch, ...image] });
  const { graph, parameters: names } = trace(1);
  const other = trace(2).graph;
  graph.nodes.forEach((node, i) => {
    if (JSON.stringify(node.attributes) !== JSON.stringify(other.nodes[i]!.attributes)) {
      throw new LegendaError(
        `${node.op} "${node.scope}" depends on the batch size: the model cannot be exported with a free one`,
      );
    }
  });
  return writeOnnx(graph, {
    initialisers: new Map(names.map((name) => [name, parameters.get(name)!])),
    axisNames: { [inputName]: ['batch'], [outputName]: ['batch'] },
    metadata,
  });
}
