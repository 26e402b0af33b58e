import type { Value } from '../graph/graph.js';
import type { LSTMState } from '../nn/lstm-cell.js';
import type { Module } from '../nn/module.js';
import type { Trace } from '../nn/trace.js';

export interface CaptionDecoderSizes {
  /** Words, the special ones included. */
  readonly vocabulary: number;
  /** Numbers that describe a region of the image. */
  readonly features: number;
  readonly embedding: number;
  readonly hidden: number;
}

export interface CaptionDecoderOptions extends CaptionDecoderSizes {
  /** Probability of a zero in the hidden state before the output layer, in [0, 1). */
  readonly dropout: number;
}

/**
 * Captions as they are taught, packed as PyTorch's PackedSequence: step by step, in each step the rows whose captions go on. P
 * is the sum of `batchSizes`.
 */
export interface TaughtCaptions {
  /** float32 [N, L, features]: L regions of each image. */
  readonly features: Value;
  /** Rows of each step, never rising: N in the first, so that longer captions come first. */
  readonly batchSizes: readonly number[];
  /** int64 [P]: the words before those that are to be said, the start first. */
  readonly words: Value;
  /** bool [P]: where the decoder's own word takes the place of the one that is taught; nowhere when left out. */
  readonly own?: Value;
}

export interface TaughtScores {
  /** [P, vocabulary], not normalised. */
  readonly scores: Value;
  /** By step, [rows, L]: how much each region was looked at; absent where the decoder does not look. */
  readonly attention?: readonly Value[];
}

/** What the image comes to before the first word. */
export interface DecoderStart {
  readonly state: LSTMState;
  /** What every step needs of the images, by name; the first axis of each is that of the images. */
  readonly memory: Readonly<Record<string, Value>>;
}

export interface DecoderStep {
  /** [N, vocabulary], not normalised. */
  readonly scores: Value;
  readonly state: LSTMState;
  /** [N, L] */
  readonly attention?: Value;
}

/** A network that says what is in an image, word by word: taught whole captions at once, used a step at a time. */
export interface CaptionDecoder extends Module<TaughtCaptions, TaughtScores> {
  readonly sizes: CaptionDecoderSizes;
  /** Whether it tells where it looks. */
  readonly attends: boolean;
  /** @param features [N, L, features] */
  begin(features: Value, trace: Trace): DecoderStart;
  /**
   * @param word int64 [N]: the word before
   * @param start the state of N captions; the memory of as many images, or of fewer with as many captions each, side by side
   */
  next(word: Value, start: DecoderStart, trace: Trace): DecoderStep;
}
