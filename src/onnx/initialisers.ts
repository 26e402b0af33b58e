import type { Tensor } from '../tensor/tensor.js';
import { decodeModel } from './decode.js';
import { quoted } from './names.js';
import { readTensor } from './read-tensor.js';

/** An initialiser that has not been read yet. */
export interface Initialiser {
  readonly shape: readonly number[];
  /** @throws LegendaError when its type is not supported, or its values are not as many as its shape says */
  read(): Tensor;
}

/**
 * The initialisers of an ONNX file by name, whatever its operators are.
 * @param bytes untrusted
 * @throws LegendaError when they are no ONNX model, or one of a kind that is not supported
 */
export function initialisersOf(bytes: Uint8Array, maxBytes: number): Map<string, Initialiser> {
  const { graph } = decodeModel(bytes, maxBytes);
  return new Map(
    graph.initializer.map((proto) => [
      proto.name,
      { shape: proto.dims.map(Number), read: () => readTensor(proto, `initialiser ${quoted(proto.name)}`) },
    ]),
  );
}
