import { bootstrapIntervals, type Interval } from '../../metrics/bootstrap.js';

/** How much of the attention that a word had fell on what the word names. */
export interface WordShare {
  readonly word: string;
  /** In [0, 1]. */
  readonly share: number;
  /** What attention that is the same everywhere would have put there: the part of the picture that the thing covers. */
  readonly uniform: number;
}

export interface AttentionShares {
  /** How many words named something that is in the picture. */
  readonly words: number;
  readonly share: number;
  readonly uniform: number;
  /** Mean share over mean uniform share, with its 95 % bootstrap interval over images. */
  readonly ratio: { readonly value: number; readonly interval: Interval };
  /** The same means by word, the most frequent first. */
  readonly byWord: readonly (WordShare & { readonly count: number })[];
}

/**
 * The part of a mask that each region of a grid has, by region: [rows·columns] in [0, 1].
 * @param mask 0 to 255, [side, side]
 * @param grid regions along a side, a divisor of the mask's side
 */
export function coverOf(mask: Uint8Array, side: number, grid: number): Float32Array {
  const cell = side / grid;
  const cover = new Float32Array(grid * grid);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      cover[Math.floor(y / cell) * grid + Math.floor(x / cell)]! += mask[y * side + x]! / (255 * cell * cell);
  return cover;
}

/** @param attention by region, of sum 1 @param cover of the thing that the word names, by region */
export function wordShare(word: string, attention: Float32Array, cover: Float32Array): WordShare {
  let share = 0;
  let uniform = 0;
  for (const [region, part] of cover.entries()) {
    share += attention[region]! * part;
    uniform += part / cover.length;
  }
  return { word, share, uniform };
}

/**
 * Words of many images together.
 * @param images by image, its words that name something; at least one word in all
 */
export function attentionShares(images: readonly (readonly WordShare[])[]): AttentionShares {
  const named = images.filter((words) => words.length > 0);
  const sums = named.map((words) => ({
    share: words.reduce((sum, { share }) => sum + share, 0),
    uniform: words.reduce((sum, { uniform }) => sum + uniform, 0),
  }));
  const words = named.reduce((sum, { length }) => sum + length, 0);
  const total = (items: Iterable<number>): { share: number; uniform: number } => {
    let [share, uniform] = [0, 0];
    for (const item of items) {
      share += sums[item]!.share;
      uniform += sums[item]!.uniform;
    }
    return { share, uniform };
  };
  const ratioOf = (items: Iterable<number>): number => {
    const { share, uniform } = total(items);
    return share / uniform;
  };
  const all = [...sums.keys()];
  const { share, uniform } = total(all);
  const [interval] = bootstrapIntervals(sums.length, (items) => [ratioOf(items)]);
  return {
    words,
    share: share / words,
    uniform: uniform / words,
    ratio: { value: ratioOf(all), interval: interval! },
    byWord: byWord(named.flat()),
  };
}

function byWord(shares: readonly WordShare[]): AttentionShares['byWord'] {
  const groups = new Map<string, WordShare[]>();
  for (const share of shares) groups.set(share.word, [...(groups.get(share.word) ?? []), share]);
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  return [...groups]
    .map(([word, group]) => ({
      word,
      count: group.length,
      share: mean(group.map(({ share }) => share)),
      uniform: mean(group.map(({ uniform }) => uniform)),
    }))
    .sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
}
