import { UsageError } from '../errors.js';

/** One number for both, or [height, width]. */
export type Pair = number | readonly [number, number];

export const pairOf = (pair: Pair): readonly [number, number] => (typeof pair === 'number' ? [pair, pair] : pair);

/**
 * Checks what a window is made with.
 * @throws UsageError naming the layer, and the one that is not one or two whole numbers, from 0 for the padding and from 1 else
 */
export function requireWindow(layer: string, given: Readonly<Record<string, Pair>>): void {
  for (const [name, pair] of Object.entries(given)) {
    const least = name === 'padding' ? 0 : 1;
    const sides: readonly number[] = pairOf(pair);
    if (sides.length !== 2 || !sides.every((side) => Number.isInteger(side) && side >= least))
      throw new UsageError(
        `${layer}: ${name}: a whole number from ${least}, or two of them, is expected, ${JSON.stringify(pair)} came`,
      );
  }
}

/** The same padding at both ends, in ONNX's order: begins of all axes, then ends. */
export const symmetricPads = (padding: Pair): number[] => [...pairOf(padding), ...pairOf(padding)];
