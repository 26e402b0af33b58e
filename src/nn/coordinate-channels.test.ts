import { expect, it } from 'vitest';
import { interpret } from '../ops/interpret.js';
import { CoordinateChannels } from './coordinate-channels.js';
import { Trace } from './trace.js';

function places(...shape: number[]): number[][] {
  const layer = new CoordinateChannels();
  const trace = new Trace(layer, true);
  trace.graph.output('y', layer.call(trace.graph.input('x', { dtype: 'float32', shape }), trace));
  const { y } = interpret(trace.graph, { x: { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) } });
  const [n, channels, height, width] = y!.shape as [number, number, number, number];
  expect([n, channels, height, width]).toEqual([shape[0], shape[1]! + 2, shape[2], shape[3]]);
  const plane = height * width;
  return [channels - 2, channels - 1].map((channel) => [...y!.data.slice(channel * plane, (channel + 1) * plane)]);
}

it('says of each place its column and its row, from -1 to 1', () => {
  expect(places(2, 1, 2, 3)).toEqual([
    [-1, 0, 1, -1, 0, 1],
    [-1, -1, -1, 1, 1, 1],
  ]);
});

it('has the middle where there is one column or row', () => {
  expect(places(1, 3, 1, 1)).toEqual([[0], [0]]);
});

it('refuses what is no picture', () => {
  expect(() => places(2, 3)).toThrow('CoordinateChannels: [N, C, H, W] is expected, the input is [2,3]');
});
