/**
 * Lengths to which sequences are filled up, so that as little as possible is filled: at most `count` of them, rising, the
 * last that of the longest. Every sequence takes the shortest that holds it. Exact, by dynamic programming.
 *
 * @param lengths of all sequences, whole numbers from 1; at least one
 * @param count from 1
 */
export function bucketLengths(lengths: readonly number[], count: number): number[] {
  const distinct = [...new Set(lengths)].sort((a, b) => a - b);
  const frequency = new Map<number, number>();
  for (const length of lengths) frequency.set(length, (frequency.get(length) ?? 0) + 1);
  // sums[i]: sequences among the i shortest lengths
  const sums = [0];
  for (const length of distinct) sums.push(sums.at(-1)! + frequency.get(length)!);
  // best[i]: least steps for the i shortest lengths with the buckets so far, and the lengths that give it
  let best = distinct.map((length, i) => ({ steps: length * sums[i + 1]!, chosen: [length] }));
  for (let buckets = 2; buckets <= Math.min(count, distinct.length); buckets++) {
    best = distinct.map((length, i) => {
      let least = best[i]!;
      for (let j = 0; j < i; j++) {
        const steps = best[j]!.steps + length * (sums[i + 1]! - sums[j + 1]!);
        if (steps < least.steps) least = { steps, chosen: [...best[j]!.chosen, length] };
      }
      return least;
    });
  }
  return best.at(-1)!.chosen;
}
