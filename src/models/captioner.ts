import type { Value } from '../graph/graph.js';
import { Dropout } from '../nn/dropout.js';
import { Embedding } from '../nn/embedding.js';
import { Linear } from '../nn/linear.js';
import { advance, LSTMCell } from '../nn/lstm-cell.js';
import { Module } from '../nn/module.js';
import type { Trace } from '../nn/trace.js';
import { concat, reduceMean } from '../ops/build.js';
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

/**
 * The report's decoder without attention: an LSTM cell whose first state is made of the regions' mean, fed with the word
 * before; dropout on the hidden state, then a linear layer that scores the words.
 */
export class Captioner extends Module<TaughtCaptions, TaughtScores> implements CaptionDecoder {
  readonly sizes: CaptionDecoderSizes;
  readonly attends = false;
  readonly embedding: Embedding;
  readonly firstHidden: Linear;
  readonly firstCell: Linear;
  readonly lstm: LSTMCell;
  readonly dropout: Dropout;
  readonly output: Linear;

  /** @throws UsageError when dropout is not in [0, 1); LegendaError when a size is not a whole number from 0 */
  constructor({ dropout, ...sizes }: CaptionDecoderOptions) {
    super();
    const { vocabulary, features, embedding, hidden } = sizes;
    this.sizes = sizes;
    this.embedding = new Embedding(vocabulary, embedding);
    this.firstHidden = new Linear(features, hidden);
    this.firstCell = new Linear(features, hidden);
    this.lstm = new LSTMCell(embedding, hidden);
    this.dropout = new Dropout(dropout);
    this.output = new Linear(hidden, vocabulary);
  }

  protected forward({ features, ...captions }: TaughtCaptions, trace: Trace): TaughtScores {
    const { inputs, hidden: recurrent, bias } = this.lstm.weights([this.sizes.embedding], trace);
    const wordsAt = taughtWords(captions, {
      enter: (words) => this.embedding.project(words, inputs[0]!, bias, trace), // (…, 4·hidden)
      score: (hidden) => this.output.call(hidden, trace),
    });
    let now = this.begin(features, trace);
    const hidden: Value[] = [];
    for (const [step, count] of captions.batchSizes.entries()) {
      now = firstRows(now, count);
      const state = advance(wordsAt(step, now.state[0]), now.state, recurrent); // two of (count, hidden)
      now = { ...now, state };
      hidden.push(state[0]);
    }
    return { scores: this.#score(concat(hidden, 0), trace) }; // (P, vocabulary)
  }

  begin(features: Value, trace: Trace): DecoderStart {
    return trace.enter(this, () => {
      const mean = reduceMean(features, { axes: [1] }); // (N, features)
      return { state: [this.firstHidden.call(mean, trace), this.firstCell.call(mean, trace)], memory: {} };
    });
  }

  next(word: Value, { state }: DecoderStart, trace: Trace): DecoderStep {
    return trace.enter(this, () => {
      const input = this.embedding.call(word, trace); // (N, embedding)
      const after = this.lstm.call({ input, state }, trace);
      return { scores: this.#score(after[0], trace), state: after };
    });
  }

  #score(hidden: Value, trace: Trace): Value {
    return this.output.call(this.dropout.call(hidden, trace), trace);
  }
}
