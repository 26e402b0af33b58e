import type { Value } from '../graph/graph.js';
import { AdditiveAttention } from '../nn/additive-attention.js';
import { Dropout } from '../nn/dropout.js';
import { Embedding } from '../nn/embedding.js';
import { Linear } from '../nn/linear.js';
import { advance, LSTMCell } from '../nn/lstm-cell.js';
import { Module } from '../nn/module.js';
import type { Trace } from '../nn/trace.js';
import { concat, gemm, reduceMean } from '../ops/build.js';
import type {
  CaptionDecoder,
  CaptionDecoderOptions,
  CaptionDecoderSizes,
  DecoderStart,
  DecoderStep,
  TaughtCaptions,
  TaughtScores,
} from './caption-decoder.js';
import { firstRows } from './first-rows.js';
import { taughtWords } from './taught-words.js';

export interface CaptionerAttentionOptions extends CaptionDecoderOptions {
  /** Width of the layer in which query and regions meet. */
  readonly attention: number;
}

/**
 * The report's decoder with additive attention: before every word it looks at the regions, as its hidden state asks, and
 * the cell is fed with the word before beside what it saw.
 */
export class CaptionerAttention extends Module<TaughtCaptions, TaughtScores> implements CaptionDecoder {
  readonly sizes: CaptionDecoderSizes;
  readonly attends = true;
  readonly embedding: Embedding;
  readonly firstHidden: Linear;
  readonly firstCell: Linear;
  readonly attention: AdditiveAttention;
  readonly lstm: LSTMCell;
  readonly dropout: Dropout;
  readonly output: Linear;

  /** @throws UsageError when dropout is not in [0, 1); LegendaError when a size is not a whole number from 0 */
  constructor({ dropout, attention, ...sizes }: CaptionerAttentionOptions) {
    super();
    const { vocabulary, features, embedding, hidden } = sizes;
    this.sizes = sizes;
    this.embedding = new Embedding(vocabulary, embedding);
    this.firstHidden = new Linear(features, hidden);
    this.firstCell = new Linear(features, hidden);
    this.attention = new AdditiveAttention(features, hidden, attention);
    this.lstm = new LSTMCell(embedding + features, hidden);
    this.dropout = new Dropout(dropout);
    this.output = new Linear(hidden, vocabulary);
  }

  protected forward({ features, ...captions }: TaughtCaptions, trace: Trace): TaughtScores {
    const { inputs, hidden: recurrent, bias } = this.lstm.weights([this.sizes.embedding, this.sizes.features], trace);
    const [ofWord, ofContext] = inputs as [Value, Value];
    // what the words bring to the gates waits for no state: one product for all steps
    const wordsAt = taughtWords(captions, {
      enter: (words) => this.embedding.project(words, ofWord, bias, trace), // (…, 4·hidden)
      score: (hidden) => this.output.call(hidden, trace),
    });
    let now = this.begin(features, trace);
    const hidden: Value[] = [];
    const attention: Value[] = [];
    for (const [step, count] of captions.batchSizes.entries()) {
      now = firstRows(now, count);
      const { context, weights } = this.#look(now.state[0], now, trace); // (count, features), (count, L)
      const input = gemm(context, ofContext, wordsAt(step, now.state[0]), { transB: true }); // (count, 4·hidden)
      const state = advance(input, now.state, recurrent); // two of (count, hidden)
      now = { ...now, state };
      hidden.push(state[0]);
      attention.push(weights);
    }
    return { scores: this.#score(concat(hidden, 0), trace), attention }; // (P, vocabulary)
  }

  begin(features: Value, trace: Trace): DecoderStart {
    return trace.enter(this, () => {
      const mean = reduceMean(features, { axes: [1] }); // (N, features)
      return {
        state: [this.firstHidden.call(mean, trace), this.firstCell.call(mean, trace)],
        memory: { regions: features, projected: this.attention.project(features, trace) },
      };
    });
  }

  next(word: Value, start: DecoderStart, trace: Trace): DecoderStep {
    return trace.enter(this, () => {
      const { context, weights } = this.#look(start.state[0], start, trace);
      const input = concat([this.embedding.call(word, trace), context], 1); // (N, embedding + features)
      const state = this.lstm.call({ input, state: start.state }, trace);
      return { scores: this.#score(state[0], trace), state, attention: weights };
    });
  }

  #look(query: Value, { memory }: DecoderStart, trace: Trace) {
    return this.attention.call({ query, regions: memory['regions']!, projected: memory['projected']! }, trace);
  }

  #score(hidden: Value, trace: Trace): Value {
    return this.output.call(this.dropout.call(hidden, trace), trace);
  }
}
