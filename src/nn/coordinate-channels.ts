import type { Value } from '../graph/graph.js';
import { add, concat, constant, mul, slice } from '../ops/build.js';
import { formatShape } from '../tensor/shape.js';
import { tensor } from '../tensor/tensor.js';
import { Module } from './module.js';
import type { Trace } from './trace.js';

/**
 * Two channels more that say where a place is, its column and its row from -1 to 1 (Liu et al., 2018): what comes after may
 * depend on the place. [N, C, H, W] → [N, C + 2, H, W].
 */
export class CoordinateChannels extends Module {
  protected forward(x: Value, trace: Trace): Value {
    if (x.shape.length !== 4) throw trace.error(`[N, C, H, W] is expected, the input is ${formatShape(x.shape)}`);
    const [, , height, width] = x.shape as [number, number, number, number];
    const along = (size: number, i: number) => (size > 1 ? (2 * i) / (size - 1) - 1 : 0);
    const places = new Float32Array(2 * height * width);
    for (let row = 0, i = 0; row < height; row++)
      for (let column = 0; column < width; column++, i++) {
        places[i] = along(width, column);
        places[height * width + i] = along(height, row);
      }
    // times zero, which any batch size has the right number of
    const nothing = mul(slice(x, [0], [1], [1]), 0);
    return concat([x, add(nothing, constant(x, tensor('float32', [1, 2, height, width], places)))], 1);
  }
}
