import { describe, expect, it } from 'vitest';
import type { Value } from '../graph/graph.js';
import { initialParameters } from '../nn/module.js';
import { Trace } from '../nn/trace.js';
import { argMax, concat, slice } from '../ops/build.js';
import { interpret } from '../ops/interpret.js';
import { stream, uniform } from '../tensor/random.js';
import { sizeOf } from '../tensor/shape.js';
import { toNumbers } from '../tensor/tensor.js';
import type { CaptionDecoder } from './caption-decoder.js';
import { Captioner } from './captioner.js';
import { CaptionerAttention } from './captioner-attention.js';

const [count, regions] = [3, 4];
/** The last caption ends before the others. */
const batchSizes = [3, 3, 3, 2, 2];
const packed = batchSizes.reduce((sum, rows) => sum + rows, 0);
const sizes = { features: 3, embedding: 4, hidden: 5, dropout: 0 };
/** Fewer words than are taught in all, and more. */
const [few, many] = [7, 20];
const taught = Array.from({ length: packed }, (_, i) => (i * 3) % few);

interface Inputs {
  readonly features: Value;
  readonly words: Value;
  readonly own: Value;
}

/** What a decoder scores, [T·N, vocabulary]. */
function scoresOf(decoder: CaptionDecoder, own: readonly number[], build: (inputs: Inputs, trace: Trace) => Value) {
  const trace = new Trace(decoder, true);
  const { graph } = trace;
  const scores = build(
    {
      features: graph.input('features', { dtype: 'float32', shape: [count, regions, sizes.features] }),
      words: graph.input('words', { dtype: 'int64', shape: [packed] }),
      own: graph.input('own', { dtype: 'bool', shape: [packed] }),
    },
    trace,
  );
  graph.output('scores', scores);
  const random = stream(1);
  const features = { shape: [count, regions, sizes.features] };
  const parameters = [...initialParameters(decoder, 1)].map(([name, parameter]) => {
    return [name, { shape: parameter.shape, data: toNumbers(parameter) }] as const;
  });
  return interpret(graph, {
    ...Object.fromEntries(parameters),
    features: { ...features, data: Float64Array.from({ length: sizeOf(features.shape) }, () => uniform(random)) },
    words: { shape: [packed], data: Float64Array.from(taught) },
    own: { shape: [packed], data: Float64Array.from(own) },
  })['scores']!.data;
}

/** Step by step as captions are written, with the likeliest word after the first. */
function alone(decoder: CaptionDecoder, { features, words }: Inputs, trace: Trace): Value {
  const start = decoder.begin(features, trace);
  const scores: Value[] = [];
  let { state } = start;
  let before = slice(words, [0], [count]);
  for (const rows of batchSizes) {
    const next = decoder.next(before, { ...start, state }, trace);
    scores.push(slice(next.scores, [0], [rows]));
    state = next.state;
    before = argMax(next.scores);
  }
  return concat(scores, 0);
}

describe.each([
  { name: 'without attention', decoder: new Captioner({ ...sizes, vocabulary: few }) },
  { name: 'without attention, of many words', decoder: new Captioner({ ...sizes, vocabulary: many }) },
  { name: 'with attention', decoder: new CaptionerAttention({ ...sizes, vocabulary: few, attention: 3 }) },
  {
    name: 'with attention, of many words',
    decoder: new CaptionerAttention({ ...sizes, vocabulary: many, attention: 3 }),
  },
])('a decoder $name', ({ decoder }) => {
  const { vocabulary } = decoder.sizes;
  const nowhere = taught.map(() => 0);
  const everywhere = taught.map(() => 1);

  it('is taught the same words one by one as all at once', () => {
    const once = scoresOf(
      decoder,
      nowhere,
      ({ features, words }, trace) => decoder.call({ features, batchSizes, words }, trace).scores,
    );
    const each = scoresOf(decoder, nowhere, (inputs, trace) => decoder.call({ ...inputs, batchSizes }, trace).scores);
    expect([...each]).toEqual([...once].map((score) => expect.closeTo(score, 12)));
  });

  it('goes on from its own words as when it writes', () => {
    const own = scoresOf(decoder, everywhere, (inputs, trace) => decoder.call({ ...inputs, batchSizes }, trace).scores);
    const written = scoresOf(decoder, everywhere, (inputs, trace) => alone(decoder, inputs, trace));
    expect([...own]).toEqual([...written].map((score) => expect.closeTo(score, 12)));
    expect(new Set(own).size).toBeGreaterThan(batchSizes.length);
  });

  it('takes its own word where it is told to, and the taught one elsewhere', () => {
    const rows = (scores: Float64Array, step: number) => [
      ...scores.subarray(step * count * vocabulary, (step + 1) * count * vocabulary),
    ];
    const call = (own: readonly number[]) =>
      scoresOf(decoder, own, (inputs, trace) => decoder.call({ ...inputs, batchSizes }, trace).scores);
    const [plain, mixed] = [call(nowhere), call(taught.map((_, i) => Number(i === 2 * count)))];
    expect(rows(mixed, 1)).toEqual(rows(plain, 1));
    expect(rows(mixed, 2).slice(vocabulary)).toEqual(rows(plain, 2).slice(vocabulary));
    expect(rows(mixed, 2).slice(0, vocabulary)).not.toEqual(rows(plain, 2).slice(0, vocabulary));
  });
});
