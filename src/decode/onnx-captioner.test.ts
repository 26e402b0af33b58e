import { expect, it } from 'vitest';
import { oneThread } from '../../test/support/training.js';
import { CaptionNetwork } from '../models/caption-network.js';
import { Captioner } from '../models/captioner.js';
import { CaptionerAttention } from '../models/captioner-attention.js';
import { smallEncoder } from '../models/small-encoder.js';
import { initialParameters } from '../nn/module.js';
import { fillNormal, stream } from '../tensor/random.js';
import { tensor } from '../tensor/tensor.js';
import { exportCaptioner } from '../train/export-captioner.js';
import { decodeByBeam } from './beam.js';
import { DecoderSession } from './decoder-session.js';
import { OnnxCaptioner } from './onnx-captioner.js';
import { decodeGreedily } from './word-by-word.js';

const sizes = { vocabulary: 30, features: 6, embedding: 8, hidden: 9, dropout: 0 };
const side = 16;

it.each([
  ['looks', new CaptionerAttention({ ...sizes, attention: 7 })],
  ['does not look', new Captioner(sizes)],
] as const)('an exported captioner that %s writes what it wrote before', async (_, decoder) => {
  const network = new CaptionNetwork(smallEncoder([3, 4, 6]), decoder);
  const parameters = initialParameters(network, 3);
  const pixels = fillNormal(stream(5), new Float32Array(3 * side * side));
  const shape = [1, 3, side, side];
  await using captioner = await OnnxCaptioner.open(
    oneThread,
    exportCaptioner(network, shape.slice(1), parameters),
    sizes.vocabulary,
  );
  for (const beam of [1, 4]) {
    await using session = await DecoderSession.compile(oneThread, network, {
      images: { dtype: 'float32', shape },
      rowsPerImage: beam,
    });
    const write = async (source: Awaited<ReturnType<typeof captioner.look>>) =>
      beam === 1
        ? decodeGreedily(source, 1, { maxLength: 8 })
        : (await decodeByBeam(source, 1, { maxLength: 8, beam, best: beam }))[0]!;
    const own = await write(await session.look(tensor('float32', shape, pixels), parameters));
    const exported = await write(await captioner.look(pixels, side, beam));
    expect(exported.map(({ words }) => words)).toEqual(own.map(({ words }) => words));
    for (const [i, { logProbability, attention }] of exported.entries()) {
      expect(logProbability).toBeCloseTo(own[i]!.logProbability, 4);
      expect(attention?.length).toBe(own[i]!.attention?.length);
      for (const [word, weights] of (attention ?? []).entries())
        for (const [region, weight] of weights.entries())
          expect(weight).toBeCloseTo(own[i]!.attention![word]![region]!, 5);
    }
  }
});
