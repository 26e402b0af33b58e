import type { CaptionNetwork } from '../models/caption-network.js';
import { Trace } from '../nn/trace.js';
import { logSoftmax } from '../ops/build.js';
import type { TensorType } from '../tensor/tensor.js';

/** What is carried from word to word. */
export const stateNames = ['hidden', 'cell'] as const;

/** Begins the names of what every step needs of the images. */
const memoryPrefix = 'memory/';

const isMemory = (name: string): boolean => name.startsWith(memoryPrefix);

/** Input `images`; outputs `hidden`, `cell`, and what every step needs of the images. */
export function traceLook(network: CaptionNetwork, images: TensorType): Trace {
  const trace = new Trace(network, false);
  const regions = network.regions(trace.graph.input('images', images), trace);
  const { state, memory } = network.decoder.begin(regions, trace);
  stateNames.forEach((name, i) => {
    trace.graph.output(name, state[i]!);
  });
  for (const [name, value] of Object.entries(memory)) trace.graph.output(`${memoryPrefix}${name}`, value);
  return trace;
}

/**
 * Inputs `words` and the state of `rows` captions, and the memory of the images that they are of, each with as many captions side
 * by side; outputs their next state, scores and attention.
 */
export function traceSay(network: CaptionNetwork, look: Trace, rows: number): Trace {
  const trace = new Trace(network, false);
  const inputs = new Map(
    [...look.graph.outputs].map(([name, { dtype, shape }]) => [
      name,
      trace.graph.input(name, { dtype, shape: isMemory(name) ? shape : [rows, ...shape.slice(1)] }),
    ]),
  );
  const memory = Object.fromEntries(
    [...inputs].flatMap(([name, value]) => (isMemory(name) ? [[name.slice(memoryPrefix.length), value]] : [])),
  );
  const words = trace.graph.input('words', { dtype: 'int64', shape: [rows] });
  const before = { state: [inputs.get('hidden')!, inputs.get('cell')!] as const, memory };
  const { scores, state, attention } = network.decoder.next(words, before, trace);
  trace.graph.output('logProbabilities', logSoftmax(scores));
  stateNames.forEach((name, i) => {
    trace.graph.output(`next/${name}`, state[i]!);
  });
  if (attention !== undefined) trace.graph.output('attention', attention);
  return trace;
}
