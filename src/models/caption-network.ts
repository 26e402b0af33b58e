import type { Value } from '../graph/graph.js';
import { Module } from '../nn/module.js';
import type { Trace } from '../nn/trace.js';
import { reshape, transpose } from '../ops/build.js';
import { formatShape } from '../tensor/shape.js';
import type { CaptionDecoder, TaughtCaptions, TaughtScores } from './caption-decoder.js';

/** Captions, packed, with the images that they are of. */
export interface TaughtImages extends Omit<TaughtCaptions, 'features'> {
  /** What the encoder takes, [N, …]; the regions themselves, [N, L, features], where there is no encoder. */
  readonly images: Value;
}

/** An encoder that sees and a decoder that says; without an encoder images are given by features computed before. */
export class CaptionNetwork extends Module<TaughtImages, TaughtScores> {
  /** Images → feature maps [N, features, h, w]. */
  readonly encoder: Module | undefined;
  readonly decoder: CaptionDecoder;

  constructor(encoder: Module | undefined, decoder: CaptionDecoder) {
    super();
    this.encoder = encoder;
    this.decoder = decoder;
  }

  /**
   * What the decoder looks at: [N, L, features], row by row of the feature maps.
   * @throws LegendaError when the features are not as many as the decoder expects
   */
  regions(images: Value, trace: Trace): Value {
    return trace.enter(this, () => {
      const maps = this.encoder?.call(images, trace) ?? images;
      const [n, ...rest] = maps.shape as [number, ...number[]];
      const { features } = this.decoder.sizes;
      const isMap = this.encoder !== undefined;
      if (rest.length !== (isMap ? 3 : 2) || rest.at(isMap ? 0 : -1) !== features) {
        const expected = isMap ? `feature maps [N, ${features}, h, w]` : `regions [N, L, ${features}]`;
        throw trace.error(`${expected} are expected, they are ${formatShape(maps.shape)}`);
      }
      if (!isMap) return maps;
      return transpose(reshape(maps, [n, features, rest[1]! * rest[2]!]), [0, 2, 1]);
    });
  }

  protected forward({ images, ...captions }: TaughtImages, trace: Trace): TaughtScores {
    return this.decoder.call({ features: this.regions(images, trace), ...captions }, trace);
  }
}
