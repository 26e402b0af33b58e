/**
 * Says how likely each word is to come next in several captions at once. The rows are captions that are being written; a
 * source keeps their state from call to call.
 */
export interface WordSource {
  /** Captions that can be written at once. */
  readonly rows: number;
  /** Words, the special ones included. */
  readonly vocabulary: number;
  /**
   * @param words by row, the word before: the start at first
   * @param parents by row, the row of the call before that it goes on from; itself when left out
   */
  next(words: readonly number[], parents?: readonly number[]): Promise<NextWords>;
}

export interface NextWords {
  /** [rows, vocabulary], natural logarithms. Overwritten by the next call. */
  readonly logProbabilities: Float32Array;
  /** [rows, regions] where the decoder looks at regions. Overwritten by the next call. */
  readonly attention?: Float32Array;
}

/** A caption as numbers of words, without start and end. */
export interface DecodedCaption {
  readonly words: readonly number[];
  /** Sum of the words' log-probabilities, the end's among them where there is one. */
  readonly logProbability: number;
  /** By word; the end's comes last where there is one. */
  readonly wordLogProbabilities: readonly number[];
  /** False when it was cut at the longest length. */
  readonly ended: boolean;
  /** By word, how much each region was looked at; the end's comes last where there is one. */
  readonly attention?: readonly Float32Array[];
}

export interface DecodeOptions {
  /** The most words of a caption, from 1. */
  readonly maxLength: number;
  /** Words that are never written, besides filling up and start; the unknown word by default. */
  readonly never?: readonly number[];
}
