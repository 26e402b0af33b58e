import type { Value } from '../graph/graph.js';
import { add, matmul, relu, reshape, softmax, unsqueeze } from '../ops/build.js';
import { formatShape } from '../tensor/shape.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import type { Trace } from './trace.js';

export interface AttentionInput {
  /** [N·k, querySize]: what is looked for, k queries of the same regions side by side. */
  readonly query: Value;
  /** [N, L, regionSize]: what is looked at. */
  readonly regions: Value;
  /** `project` of the regions, [N, L, attentionSize]: the same for every query. */
  readonly projected: Value;
}

export interface Attended {
  /** The regions' sum by their weights, [N·k, regionSize]. */
  readonly context: Value;
  /** [N·k, L], from 0, of sum 1. */
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
    const rows = query.shape[0]!;
    const each = rows / n;
    if (projected.shape[0] !== n || projected.shape[1] !== length || !Number.isInteger(each)) {
      const came = [query, regions, projected].map(({ shape }) => formatShape(shape)).join(', ');
      throw trace.error(`query [N·k, …], regions [N, L, …] and projected [N, L, …] are expected, ${came} came`);
    }
    const wanted = this.query.call(query, trace); // (N·k, attentionSize)
    const met = each === 1 ? add(projected, unsqueeze(wanted, [1])) : add(unsqueeze(projected, [1]), apart(wanted, n));
    const weights = softmax(reshape(this.score.call(relu(met), trace), [rows, length])); // (N·k, L)
    return { weights, context: reshape(matmul(reshape(weights, [n, each, length]), regions), [rows, size]) };
  }
}

/** [N·k, size] → [N, k, 1, size] */
const apart = (rows: Value, n: number): Value => reshape(rows, [n, rows.shape[0]! / n, 1, rows.shape[1]!]);
