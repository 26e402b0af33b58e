/** The fewest and the most references that an image has. @param captions at least one, of any number */
export function referenceCounts(captions: Iterable<readonly unknown[]>): readonly [fewest: number, most: number] {
  let [fewest, most] = [Infinity, 0];
  for (const { length } of captions) {
    fewest = Math.min(fewest, length);
    most = Math.max(most, length);
  }
  return [fewest, most];
}
