/** The network that is taught whole captions and the one that writes them word by word are the same. */
import { describe, expect, it } from 'vitest';
import { CaptionNetwork } from '../models/caption-network.js';
import { Captioner } from '../models/captioner.js';
import { CaptionerAttention } from '../models/captioner-attention.js';
import { ReLU } from '../nn/activation.js';
import { Conv2d } from '../nn/conv2d.js';
import { initialParameters } from '../nn/module.js';
import { Sequential } from '../nn/sequential.js';
import { Trace } from '../nn/trace.js';
import { concat, logSoftmax } from '../ops/build.js';
import { interpret } from '../ops/interpret.js';
import { nodeRuntime } from '../runtime/node.js';
import { fillUniform, stream } from '../tensor/random.js';
import { sizeOf } from '../tensor/shape.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { decodeByBeam } from './beam.js';
import { DecoderSession } from './decoder-session.js';

const runtime = nodeRuntime({ threads: 1 });
const sizes = { vocabulary: 9, features: 3, embedding: 4, hidden: 5, dropout: 0.5 };
const networks = {
  'without attention, on features': () => new CaptionNetwork(undefined, new Captioner(sizes)),
  'with attention, on features': () =>
    new CaptionNetwork(undefined, new CaptionerAttention({ ...sizes, attention: 2 })),
  'with attention and an encoder': () =>
    new CaptionNetwork(
      new Sequential([new Conv2d(2, 3, 2, { stride: 2 }), new ReLU()]),
      new CaptionerAttention({ ...sizes, attention: 2 }),
    ),
};

const random = (shape: number[], seed: number): Tensor =>
  tensor('float32', shape, fillUniform(stream(seed, 'test'), new Float32Array(sizeOf(shape)), -1, 1));

describe.each(Object.entries(networks))('%s', (_, make) => {
  const network = make();
  const images = random(network.encoder ? [2, 2, 6, 4] : [2, 6, 3], 1);
  const parameters = initialParameters(network, 7);

  /** In double precision: log-probabilities [T·N, vocabulary] and attention [T·N, L] of taught captions. */
  function taught(words: readonly (readonly number[])[]) {
    const trace = new Trace(network, false);
    const { scores, attention } = network.call(
      {
        images: trace.graph.input('images', images),
        batchSizes: words.map(({ length }) => length),
        words: trace.graph.input('words', { dtype: 'int64', shape: [words.flat().length] }),
      },
      trace,
    );
    trace.graph.output('scores', logSoftmax(scores));
    if (attention) trace.graph.output('attention', concat(attention, 0));
    const feed = ({ shape, data }: Tensor) => ({ shape, data: Float64Array.from(data as Float32Array) });
    return interpret(trace.graph, {
      ...Object.fromEntries([...parameters].map(([name, parameter]) => [name, feed(parameter)])),
      images: feed(images),
      words: { shape: [words.flat().length], data: Float64Array.from(words.flat()) },
    });
  }

  it.each([1, 3])(
    'says word by word what it was taught at once, %i captions of an image side by side',
    async (each) => {
      /** By step, image and caption. */
      const words = [0, 1, 2, 3].map((step) =>
        [0, 1].map((image) =>
          Array.from({ length: each }, (_, k) => (step === 0 ? 1 : 4 + ((step + image + 2 * k) % 5))),
        ),
      );
      await using session = await DecoderSession.compile(runtime, network, { images, rowsPerImage: each });
      const source = await session.look(images, parameters);
      const expected = Array.from({ length: each }, (_, k) => taught(words.map((step) => step.map((own) => own[k]!))));
      for (const [step, row] of words.entries()) {
        const { logProbabilities, attention } = await source.next(row.flat());
        const close = (found: Float32Array, name: string, size: number) => {
          for (const [i, value] of found.entries()) {
            const [image, k] = [Math.floor(i / size / each), Math.floor(i / size) % each];
            expect(value).toBeCloseTo(expected[k]![name]!.data[(step * 2 + image) * size + (i % size)]!, 5);
          }
        };
        close(logProbabilities, 'scores', sizes.vocabulary);
        if (network.decoder.attends) close(attention!, 'attention', 6);
        else expect(attention).toBeUndefined();
      }
    },
  );

  it('keeps the states of a beam with the drafts they belong to', async () => {
    const beam = 4;
    await using session = await DecoderSession.compile(runtime, network, { images, rowsPerImage: beam });
    const found = await decodeByBeam(await session.look(images, parameters), 2, { beam, best: beam, maxLength: 4 });
    for (const [image, captions] of found.entries()) {
      for (const { words, ended, logProbability } of captions) {
        const said = ended ? [...words, 2] : words;
        const before = [1, ...said.slice(0, -1)];
        const { data } = taught(before.map((word) => [word, word]))['scores']!;
        const sum = said.reduce((total, word, step) => total + data[(2 * step + image) * sizes.vocabulary + word]!, 0);
        expect(logProbability).toBeCloseTo(sum, 4);
      }
    }
  });
});

it('refuses images that do not fit, and parameters that are missing', async () => {
  const network = networks['with attention, on features']();
  const compile = (shape: number[]) =>
    DecoderSession.compile(runtime, network, { images: { dtype: 'float32', shape } });
  await expect(compile([2, 6, 4])).rejects.toThrow('CaptionNetwork: regions [N, L, 3] are expected, they are [2,6,4]');
  await using session = await compile([2, 6, 3]);
  await expect(session.look(random([2, 6, 3], 1), new Map())).rejects.toThrow(/parameter "decoder\..*" is not among/);
});
