import { decodeModel } from './decode.js';

/**
 * The tensor that goes into a model's last global average pooling: the feature map that a classifier's scores are made of.
 * @returns undefined when the model has none
 * @throws LegendaError when the bytes are no ONNX model that can be read
 */
export function lastFeatureMap(bytes: Uint8Array, maxBytes: number): string | undefined {
  const { graph } = decodeModel(bytes, maxBytes);
  return graph.node.findLast(({ opType }) => opType === 'GlobalAveragePool')?.input[0];
}
