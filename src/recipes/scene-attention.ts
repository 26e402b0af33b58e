import { describeScene } from '../data/scenes/describe.js';
import { masksOf } from '../data/scenes/masks.js';
import {
  type AttentionShares,
  attentionShares,
  coverOf,
  type WordShare,
  wordShare,
} from '../explain/attention/share.js';
import type { CaptionEvaluation } from './evaluate-captioner.js';
import { scenesSeed } from './show-set.js';

/** Pixels of a mask along a region's side. */
const pixelsPerRegion = 8;

/**
 * How much of the attention in captions of scenes fell on what their words name. Words that name nothing in the picture
 * are left out.
 * @returns undefined when the images are no scenes, no word names anything, or the decoder does not look
 */
export async function sceneAttention({ captions, set }: CaptionEvaluation): Promise<AttentionShares | undefined> {
  if (set.imageFolder !== undefined) return undefined;
  const images: WordShare[][] = [];
  for (const { index, caption, attention } of captions) {
    if (attention === undefined) return undefined;
    const grid = Math.sqrt(attention[0]!.length);
    const side = pixelsPerRegion * grid;
    const masks = await masksOf(describeScene(scenesSeed, set.images[index]!.id!), side);
    images.push(
      caption.split(' ').flatMap((word, i) => {
        const mask = masks.ofWord(word);
        return mask?.some((value) => value > 0) ? [wordShare(word, attention[i]!, coverOf(mask, side, grid))] : [];
      }),
    );
  }
  return images.some((words) => words.length > 0) ? attentionShares(images) : undefined;
}
