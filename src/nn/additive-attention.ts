import type { Value } from '../graph/graph.js';
import { add, matmul, relu, reshape, softmax, unsqueeze } from '../ops/build.js';
import { formatShape } from '../tensor/shape.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import type { Trace } from './trace.js';

export interface AttentionInput {
  /** [N, querySize]: what is looked for. */
  readonly query: Value;
  /** [N, L, regionSize]: what is looked at. */
  readonly regions: Value;
  /** `project` of the regions, [N, L, attentionSize]: the same for every query. */
  readonly projected: Value;
}

export interface Attended {
  /** The regions' sum by their weights, [N, regionSize]. */
  readonly context: Value;
  /** [N, L], from 0, of sum 1. */
  readonly weights: Value;
}

/**
 * Additive attention (Bahdanau et al., 2015, with relu as in Xu et al., 2015, in the form that the report has): weights
 * softmax over the regions of vᵀ·relu(W_e·x_i + b + W_d·h).
 *
 * `regions` (W_e, with b), `query` (W_d) and `score` (v) are Linear layers with their first values.
 */
export class AdditiveAttention extends Module<AttentionInput, Attended> {
  readonly regions: Linear;
  readonly query: Linear;
  readonly score: Linear;

  /** @throws LegendaError when a size is not a whole number from 0; `call` does when a shape is another */
  constructor(regionSize: number, querySize: number, attentionSize: number) {
    super();
    this.regions = new Linear(regionSize, attentionSize);
    // one bias is enough in the sum, and none changes a softmax
    this.query = new Linear(querySize, attentionSize, { bias: false });
    this.score = new Linear(attentionSize, 1, { bias: false });
  }

  /** W_e·x_i + b of regions [N, L, regionSize]: once an image, however many queries there are. */
  project(regions: Value, trace: Trace): Value {
    return trace.enter(this, () => this.regions.call(regions, trace));
  }

  protected forward({ query, regions, projected }: AttentionInput, trace: Trace): Attended {
    const [n, length, size] = regions.shape as [number, number, number];
    if (projected.shape[0] !== n || projected.shape[1] !== length || query.shape[0] !== n) {
      const came = [query, regions, projected].map(({ shape }) => formatShape(shape)).join(', ');
      throw trace.error(`query [N, …], regions [N, L, …] and projected [N, L, …] are expected, ${came} came`);
    }
    const wanted = unsqueeze(this.query.call(query, trace), [1]); // (N, 1, attentionSize)
    const scores = this.score.call(relu(add(projected, wanted)), trace); // (N, L, 1)
    const weights = softmax(reshape(scores, [n, length])); // (N, L)
    return { weights, context: reshape(matmul(unsqueeze(weights, [1]), regions), [n, size]) };
  }
}
