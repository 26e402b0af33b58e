/** A sentence as its words. */
export type Tokens = readonly string[];

/** How often each n-gram occurs, by its words joined with spaces. @param n words an n-gram, from 1 */
export function countNgrams(tokens: Tokens, n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + n <= tokens.length; start++) {
    const key = n === 1 ? tokens[start]! : tokens.slice(start, start + n).join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
