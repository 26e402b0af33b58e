import type { Value } from '../graph/graph.js';
import { Module } from '../nn/module.js';
import type { Trace } from '../nn/trace.js';
import { reduceMean } from '../ops/build.js';

/**
 * Images → the mean of their regions, [N, features]: what tells which images are alike. Its parameters are a caption
 * network's.
 */
export class ImageSummary extends Module {
  readonly encoder: Module | undefined;

  /** @param encoder images → feature maps [N, features, h, w]; without one, images are regions [N, L, features] */
  constructor(encoder: Module | undefined) {
    super();
    this.encoder = encoder;
  }

  protected forward(images: Value, trace: Trace): Value {
    if (this.encoder === undefined) return reduceMean(images, { axes: [1] });
    return reduceMean(this.encoder.call(images, trace), { axes: [2, 3] });
  }
}
