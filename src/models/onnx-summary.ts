import type { Node, Value } from '../graph/graph.js';
import { readOnnx } from '../onnx/read.js';
import { formatShape, sizeOf } from '../tensor/shape.js';
import { multiplyAddsOf } from './multiply-adds.js';
import { activationBytes, type LayerSummary, type NetworkSummary } from './summary.js';

/**
 * Any ONNX file, a row for every node that has parameters or does arithmetic worth counting, and for poolings.
 * @param bytes the file's content; untrusted
 * @param name for the title
 * @throws LegendaError when the file is damaged or has ops that are not supported
 */
export function summariseOnnx(bytes: Uint8Array, name: string): NetworkSummary {
  const { graph, inputs, parameters, buffers } = readOnnx(bytes);
  const seen = new Set<string>();
  const parameterNames = (node: Node): string[] =>
    node.inputs.flatMap((input) => {
      const own = nameOf(input);
      return own !== undefined && parameters.has(own) ? [own] : [];
    });
  const layers = graph.nodes.flatMap((node): LayerSummary[] => {
    const names = parameterNames(node);
    const multiplyAdds = multiplyAddsOf(node);
    if (names.length === 0 && multiplyAdds === 0 && !node.op.includes('Pool')) return [];
    // a tensor that several nodes use is counted once
    const own = names.filter((parameter) => !seen.has(parameter) && !buffers.has(parameter));
    for (const parameter of own) seen.add(parameter);
    const shapes = own.map((parameter) => parameters.get(parameter)!.shape);
    return [
      {
        name: node.scope === '' ? (names[0] ?? node.op) : node.scope,
        type: node.op,
        output: formatShape(node.outputs[0]!.shape.slice(1)),
        parameters: shapes.reduce((sum, shape) => sum + sizeOf(shape), 0),
        formula: shapes.map((shape) => shape.join('·') || '1').join(' + '),
        multiplyAdds,
      },
    ];
  });
  const count = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const batch = graph.inputs.find((input) => nameOf(input) === inputs[0])?.shape[0] ?? 1;
  return {
    name,
    title: 'ONNX model',
    input: inputs.map((input) => formatShape(graph.inputs.find((value) => nameOf(value) === input)!.shape)).join(', '),
    layers,
    parameters: count,
    multiplyAdds: layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0) / Math.max(1, batch),
    memory: { parameterBytes: 4 * count, activationBytes: activationBytes(graph.nodes) },
  };
}

const nameOf = ({ source }: Value): string | undefined => (source.kind === 'input' ? source.name : undefined);
