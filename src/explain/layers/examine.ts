import type { Module } from '../../nn/module.js';
import type { Runtime } from '../../runtime/session.js';
import type { Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type Layer, LayerOutputs } from './layer-outputs.js';
import { classSelectivity } from './selectivity.js';

/** An image that excites a channel. */
export interface Exciting {
  /** Its number among those that were looked at. */
  readonly image: number;
  /** The channel's largest value in it. */
  readonly value: number;
  /** Where that is, [y, x] among the layer's places; empty for a layer without places. */
  readonly place: readonly number[];
}

export interface ExaminedChannel {
  /** The images that excite it most, the most exciting first; of equals the first. */
  readonly exciting: readonly Exciting[];
  /** By class, the mean over its images of the channel's mean over its places, where values below 0 count as 0. */
  readonly classMeans: readonly number[];
  /** See `classSelectivity`: over the classes that some image was of. */
  readonly selectivity: number;
}

export interface ExaminedLayer extends Layer {
  readonly channels: readonly ExaminedChannel[];
}

export interface ExamineLayersOptions {
  readonly runtime: Runtime;
  /** Number of classes. */
  readonly classes: number;
  /** Paths of layers; all by default. */
  readonly layers?: readonly string[];
  /** Images kept of each channel; 8 by default. */
  readonly top?: number;
}

/** Some images, all batches of the same shape but the last, which may be padded. */
export interface LabelledBatch {
  readonly pixels: Float32Array;
  /** By image; fewer than the batch has rows where the last are padding. */
  readonly labels: readonly number[];
}

/**
 * What excites every channel of a network's layers, and how well channels tell classes apart. Memory does not grow with the
 * number of images.
 * @param images shape of a batch, [N, C, H, W]
 * @param parameters by name; more may be there
 * @throws LegendaError when images or parameters do not fit the model, or there is no such layer
 */
export async function examineLayers(
  model: Module,
  images: Shape,
  batches: Iterable<LabelledBatch>,
  parameters: ReadonlyMap<string, Tensor>,
  { runtime, classes, layers: wanted, top = 8 }: ExamineLayersOptions,
): Promise<ExaminedLayer[]> {
  await using outputs = await LayerOutputs.compile(runtime, model, images, parameters, wanted);
  const found = outputs.layers.map((layer) => ({ layer, channels: newChannels(layer.shape[1]!, classes) }));
  const counts = new Float64Array(classes);
  let seen = 0;
  for (const { pixels, labels } of batches) {
    const values = await outputs.run(pixels);
    for (const { layer, channels } of found) gather(layer, channels, values.get(layer.path)!, labels, seen, top);
    for (const label of labels) counts[label]!++;
    seen += labels.length;
  }
  return found.map(({ layer, channels }) => ({
    ...layer,
    channels: channels.map(({ exciting, sums }) => {
      const classMeans = [...sums].map((sum, label) => (counts[label]! > 0 ? sum / counts[label]! : 0));
      const seenMeans = classMeans.filter((_, label) => counts[label]! > 0);
      return { exciting, classMeans, selectivity: classSelectivity(seenMeans) };
    }),
  }));
}

interface Gathered {
  readonly exciting: Exciting[];
  /** By class. */
  readonly sums: Float64Array;
}

const newChannels = (count: number, classes: number): Gathered[] =>
  Array.from({ length: count }, () => ({ exciting: [], sums: new Float64Array(classes) }));

function gather(
  { shape: [, count, ...places] }: Layer,
  channels: readonly Gathered[],
  values: Float32Array,
  labels: readonly number[],
  before: number,
  top: number,
): void {
  const plane = places.reduce((product, side) => product * side, 1);
  for (const [row, label] of labels.entries()) {
    for (const [channel, { exciting, sums }] of channels.entries()) {
      const first = (row * count! + channel) * plane;
      let [best, sum] = [first, 0];
      for (let i = first; i < first + plane; i++) {
        const value = values[i]!;
        if (value > 0) sum += value;
        if (value > values[best]!) best = i;
      }
      sums[label]! += sum / plane;
      insert(exciting, { image: before + row, value: values[best]!, place: placeOf(best - first, places) }, top);
    }
  }
}

const placeOf = (index: number, places: readonly number[]): number[] =>
  places.length === 2 ? [Math.floor(index / places[1]!), index % places[1]!] : [];

/** Keeps the list sorted, and no longer than `most`. */
function insert(list: Exciting[], item: Exciting, most: number): void {
  if (list.length === most && item.value <= list[most - 1]!.value) return;
  const at = list.findIndex(({ value }) => value < item.value);
  list.splice(at === -1 ? list.length : at, 0, item);
  if (list.length > most) list.pop();
}
