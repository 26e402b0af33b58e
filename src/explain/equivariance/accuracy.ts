import { ClassificationScorer } from '../../metrics/classification.js';
import { meanOf } from '../../metrics/spread.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { InferenceModel } from '../../train/inference.js';
import type { Planes } from './layer-error.js';
import { type Shift, shiftPlanes, shiftsUpTo } from './shift.js';

/** Shares of images that a classifier is right about when they are shifted. */
export interface ShiftAccuracy {
  readonly shift: Shift;
  readonly accuracy: number;
}

/** Mean accuracies of the shifts that move by so many pixels in one direction or both, the nearest first. */
export function accuracyByDistance(
  accuracies: readonly ShiftAccuracy[],
): { readonly pixels: number; readonly accuracy: number }[] {
  const byDistance = new Map<number, number[]>();
  for (const { shift, accuracy } of accuracies) {
    const pixels = Math.max(...shift.map(Math.abs));
    byDistance.set(pixels, [...(byDistance.get(pixels) ?? []), accuracy]);
  }
  return [...byDistance].sort(([a], [b]) => a - b).map(([pixels, own]) => ({ pixels, accuracy: meanOf(own) }));
}

/**
 * @param model compiled for the images
 * @param images [N, C, H, W], prepared as the model takes them; what comes in at an edge is 0
 * @param labels of the images
 * @param most shifts of up to so many pixels either way
 */
export async function accuracyByShift(
  model: InferenceModel,
  parameters: ReadonlyMap<string, Tensor>,
  { shape, data }: Planes,
  labels: ArrayLike<number>,
  most: number,
): Promise<ShiftAccuracy[]> {
  const [count, , height, width] = shape as [number, number, number, number];
  const found: ShiftAccuracy[] = [];
  for (const shift of shiftsUpTo(most)) {
    const moved = tensor('float32', shape, shiftPlanes(data, height, width, shift));
    const { data: scores } = await model.run(moved, parameters);
    const scorer = new ClassificationScorer(scores.length / count);
    scorer.add(scores as Float32Array, labels, count);
    found.push({ shift, accuracy: scorer.scores().accuracy });
  }
  return found;
}
