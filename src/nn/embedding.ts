import type { Value } from '../graph/graph.js';
import { gather, gemm } from '../ops/build.js';
import { sizeOf } from '../tensor/shape.js';
import { formatType } from '../tensor/tensor.js';
import { standardNormal } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import type { Trace } from './trace.js';

/**
 * A row of `weight` for every index (PyTorch's `torch.nn.Embedding`): int64 or int32 [...] → [..., embeddingDim].
 * `weight` [numEmbeddings, embeddingDim], standard normal at first. An index of numEmbeddings or more fails when the graph
 * runs; negative ones count from the end, as in ONNX's Gather (PyTorch refuses them).
 */
export class Embedding extends Module {
  readonly weight: Parameter;

  /**
   * @param numEmbeddings number of rows
   * @param embeddingDim size of a row
   * @throws LegendaError when a size is not a whole number from 0; `call` does when the indices are no whole numbers
   */
  constructor(numEmbeddings: number, embeddingDim: number) {
    super();
    this.weight = new Parameter([numEmbeddings, embeddingDim], standardNormal);
  }

  protected forward(indices: Value, trace: Trace): Value {
    return this.#rows(trace.parameter(this.weight), indices, trace);
  }

  /**
   * The rows of `indices`, through a linear layer: int64 or int32 [R] → [R, out]. Where more rows are looked up than there are,
   * as in a batch of captions that share few words, the layer goes over the table, and each row through it once.
   * @param weight [out, embeddingDim]
   * @param bias [out]
   * @throws LegendaError when the indices are no whole numbers
   */
  project(indices: Value, weight: Value, bias: Value | undefined, trace: Trace): Value {
    const linear = (x: Value) => gemm(x, weight, bias, { transB: true });
    if (sizeOf(indices.shape) <= this.weight.shape[0]!) return linear(this.call(indices, trace));
    return trace.enter(this, () => this.#rows(linear(trace.parameter(this.weight)), indices, trace));
  }

  #rows(table: Value, indices: Value, trace: Trace): Value {
    if (indices.dtype !== 'int64' && indices.dtype !== 'int32') {
      throw trace.error(`indices in int64 or int32 are expected, the input is ${formatType(indices)}`);
    }
    return gather(table, indices);
  }

  override formula(): string {
    return this.weight.shape.join('·');
  }
}
