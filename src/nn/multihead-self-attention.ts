import { UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { add, constant, gemm, matmul, mul, reshape, softmax, split, transpose } from '../ops/build.js';
import { formatShape } from '../tensor/shape.js';
import { tensor } from '../tensor/tensor.js';
import { uniformIn } from './init.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import { filled, Parameter } from './parameter.js';
import type { Trace } from './trace.js';

export interface MultiheadSelfAttentionOptions {
  /** True by default: `in_proj_bias` and that of `out_proj`. */
  readonly bias?: boolean;
  /** Sequences are [N, L, embedDim] and not [L, N, embedDim]; false by default. */
  readonly batchFirst?: boolean;
  /** Probability of a zero in the attention weights in training, in [0, 1). */
  readonly dropout?: number;
  /** Whether each place sees only itself and what is before it; false by default. */
  readonly causal?: boolean;
}

export interface SelfAttended {
  /** As the input. */
  readonly output: Value;
  /** [N, numHeads, L, L], rows of sum 1: how much each place looks at each; before dropout. */
  readonly weights: Value;
}

/**
 * Attention of a sequence to itself by several heads (PyTorch's `torch.nn.MultiheadAttention` with one sequence as query, key
 * and value; Vaswani et al., 2017): softmax(Q·Kᵀ/√d)·V for each head, put together and through `out_proj`.
 *
 * `in_proj_weight` [3·embedDim, embedDim] has W_Q, W_K and W_V of all heads below each other, uniform in ±√(6/(4·embedDim)) at
 * first (Glorot and Bengio, 2010), `in_proj_bias` [3·embedDim] is 0; `out_proj` is a Linear layer, its bias 0.
 */
export class MultiheadSelfAttention extends Module<Value, SelfAttended> {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter | undefined;
  readonly out_proj: Linear;
  readonly #batchFirst: boolean;
  readonly #dropout: number;
  readonly #causal: boolean;

  /**
   * @throws UsageError when the heads do not share embedDim evenly, or dropout is not in [0, 1); LegendaError when a size is not a
   *   whole number from 0; `call` throws one when a shape is another
   */
  constructor(embedDim: number, numHeads: number, options: MultiheadSelfAttentionOptions = {}) {
    super();
    const { bias = true, batchFirst = false, dropout = 0, causal = false } = options;
    if (!Number.isInteger(numHeads) || numHeads < 1 || embedDim % numHeads !== 0)
      throw new UsageError(
        `MultiheadSelfAttention: heads that share ${embedDim} evenly are expected, ${numHeads} came`,
      );
    if (!(dropout >= 0 && dropout < 1))
      throw new UsageError(`MultiheadSelfAttention: a dropout in [0, 1) is expected, ${dropout} came`);
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.in_proj_weight = new Parameter([3 * embedDim, embedDim], uniformIn(Math.sqrt(6 / (4 * embedDim))));
    this.in_proj_bias = bias ? new Parameter([3 * embedDim], filled(0)) : undefined;
    this.out_proj = new Linear(embedDim, embedDim, { bias, biasInit: filled(0) });
    this.#batchFirst = batchFirst;
    this.#dropout = dropout;
    this.#causal = causal;
  }

  protected forward(x: Value, trace: Trace): SelfAttended {
    const { embedDim, numHeads } = this;
    if (x.shape.length !== 3 || x.shape[2] !== embedDim) {
      const expected = `[${this.#batchFirst ? 'N, L' : 'L, N'}, ${embedDim}]`;
      throw trace.error(`${expected} is expected, the input is ${formatShape(x.shape)}`);
    }
    const batched = this.#batchFirst ? x : transpose(x, [1, 0, 2]);
    const [n, length] = batched.shape as [number, number];
    const size = embedDim / numHeads;
    const bias = this.in_proj_bias && trace.parameter(this.in_proj_bias);
    const rows = reshape(batched, [n * length, embedDim]);
    const projected = gemm(rows, trace.parameter(this.in_proj_weight), bias, { transB: true }); // (N·L, 3·embedDim)
    const byHead = (part: Value): Value => transpose(reshape(part, [n, length, numHeads, size]), [0, 2, 1, 3]);
    const [query, key, value] = split(projected, [embedDim, embedDim, embedDim], 1).map(byHead) as [
      Value,
      Value,
      Value,
    ];
    let scores = matmul(mul(query, 1 / Math.sqrt(size)), transpose(key, [0, 1, 3, 2])); // (N, heads, L, L)
    if (this.#causal) scores = add(scores, constant(scores, unseen(length)));
    const weights = softmax(scores);
    const kept =
      trace.training && this.#dropout > 0 ? mul(weights, trace.mask(weights.shape, 1 - this.#dropout)) : weights;
    const together = reshape(transpose(matmul(kept, value), [0, 2, 1, 3]), [n, length, embedDim]);
    const output = this.out_proj.call(together, trace);
    return { output: this.#batchFirst ? output : transpose(output, [1, 0, 2]), weights };
  }

  override formula(): string {
    const { embedDim, in_proj_bias: bias } = this;
    return `3·${embedDim}·${embedDim}${bias ? ` + 3·${embedDim}` : ''}`;
  }
}

/** Added to scores: so low for what comes later that its weight is 0. */
function unseen(length: number) {
  const lowest = Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? -1e30 : 0));
  return tensor('float32', [length, length], lowest);
}
