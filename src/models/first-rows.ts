import type { Value } from '../graph/graph.js';
import { slice } from '../ops/build.js';
import type { DecoderStart } from './caption-decoder.js';

const rows = (value: Value, count: number): Value => (value.shape[0] === count ? value : slice(value, [0], [count]));

/** The first rows of a decoder's state and memory: those whose captions go on. */
export function firstRows({ state: [hidden, cell], memory }: DecoderStart, count: number): DecoderStart {
  return {
    state: [rows(hidden, count), rows(cell, count)],
    memory: Object.fromEntries(Object.entries(memory).map(([name, value]) => [name, rows(value, count)])),
  };
}
