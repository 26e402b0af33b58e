/**
 * By query, which of the candidates has the largest cosine with it; the first of equals.
 * @param queries vectors of `width` numbers, one behind the other
 * @param candidates the same, at least one
 */
export function nearestByCosine(queries: Float32Array, candidates: Float32Array, width: number): number[] {
  const [unitQueries, unitCandidates] = [unit(queries, width), unit(candidates, width)];
  const nearest: number[] = [];
  for (let q = 0; q < queries.length; q += width) {
    let [best, most] = [0, Number.NEGATIVE_INFINITY];
    for (let c = 0; c < candidates.length; c += width) {
      let cosine = 0;
      for (let i = 0; i < width; i++) cosine += unitQueries[q + i]! * unitCandidates[c + i]!;
      if (cosine > most) [best, most] = [c / width, cosine];
    }
    nearest.push(best);
  }
  return nearest;
}

/** Of length 1 each; nothing stays nothing. */
function unit(vectors: Float32Array, width: number): Float32Array {
  const scaled = new Float32Array(vectors.length);
  for (let from = 0; from < vectors.length; from += width) {
    const vector = vectors.subarray(from, from + width);
    const length = Math.hypot(...vector);
    if (length > 0)
      scaled.set(
        vector.map((value) => value / length),
        from,
      );
  }
  return scaled;
}
