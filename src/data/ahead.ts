/**
 * Reads a part of what there is while the part before is worked on.
 * @param size sources a part; the last may have fewer
 * @param read is told in which of two places it may write: what is worked on is in the other
 * @throws what `read` throws, when it is that part's turn
 */
export async function* ahead<Source, Read>(
  sources: readonly Source[],
  size: number,
  read: (some: readonly Source[], place: 0 | 1) => Promise<Read>,
): AsyncGenerator<Read> {
  const begin = (from: number) => read(sources.slice(from, from + size), ((from / size) % 2) as 0 | 1);
  if (sources.length === 0) return;
  let next = begin(0);
  try {
    for (let from = 0; from < sources.length; from += size) {
      const current = await next;
      if (from + size < sources.length) {
        next = begin(from + size);
        // heard when it is its turn, or not at all when nobody asks any more
        next.catch(() => {});
      }
      yield current;
    }
  } finally {
    // what is still being read would be written over what comes next in its place
    await next.catch(() => {});
  }
}
