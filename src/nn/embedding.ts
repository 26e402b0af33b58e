import type { Value } from '../graph/graph.js';
import { gather } from '../ops/build.js';
import { standardNormal } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import type { Trace } from './trace.js';

/** A row of `weight` [numEmbeddings, embeddingDim] for every index (PyTorch's `torch.nn.Embedding`): int64 [...] → [..., embeddingDim]. */
export class Embedding extends Module {
  readonly weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number) {
    super();
    this.weight = new Parameter([numEmbeddings, embeddingDim], standardNormal);
  }

  protected forward(indices: Value, trace: Trace): Value {
    return gather(trace.parameter(this.weight), indices);
  }

  override formula(): string {
    return this.weight.shape.join('·');
  }
}
