/** One number for both, or [height, width]. */
export type Pair = number | readonly [number, number];

export const pairOf = (pair: Pair): readonly [number, number] => (typeof pair === 'number' ? [pair, pair] : pair);

/** The same padding at both ends, in ONNX's order: begins of all axes, then ends. */
export const symmetricPads = (padding: Pair): number[] => [...pairOf(padding), ...pairOf(padding)];
