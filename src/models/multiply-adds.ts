import type { Node } from '../graph/graph.js';
import type { GemmAttributes } from '../ops/gemm.js';
import { sizeOf } from '../tensor/shape.js';

/** Multiplications of a node that come with an addition: those of convolutions and matrix products. */
export function multiplyAddsOf({ op, inputs, outputs, attributes }: Node): number {
  const size = sizeOf(outputs[0]!.shape);
  switch (op) {
    case 'Conv':
      return size * sizeOf(inputs[1]!.shape.slice(1));
    case 'ConvTranspose':
      return sizeOf(inputs[0]!.shape) * sizeOf(inputs[1]!.shape.slice(1));
    case 'Gemm':
      return size * inputs[0]!.shape[(attributes as GemmAttributes).transA ? 0 : 1]!;
    case 'MatMul':
      return size * inputs[0]!.shape.at(-1)!;
    default:
      return 0;
  }
}
