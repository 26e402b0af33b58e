import type { ExaminedHeads } from './examine.js';
import type { GeneratedHeads } from './generate.js';
import { largestDifference } from './probabilities.js';

/** By pair, how far the B that was recovered is from the one that made the head, over its largest element; undefined without both. */
export const linkErrors = ({ pairs }: ExaminedHeads, links: GeneratedHeads['links']): (number | undefined)[] =>
  pairs.map(({ heads: [one, other], link }) => {
    const known = one === 0 ? links[other] : undefined;
    if (known === undefined || link === undefined) return undefined;
    return largestDifference(known, link.matrix) / Math.max(...known.to1DArray().map(Math.abs));
  });
