import type { CaptionSet } from '../data/captions/caption-set.js';

/**
 * Says when a training image is in another split too, which makes what is measured there worthless.
 * @param digests by image of the set
 */
export function warnOfLeaks(
  { name, images }: CaptionSet,
  digests: readonly string[],
  onWarning: ((text: string) => void) | undefined,
): void {
  const training = new Map(images.flatMap(({ split, file }, i) => (split === 'train' ? [[digests[i]!, file]] : [])));
  const leaks = images.flatMap(({ split, file }, i) => {
    const same = split === 'train' ? undefined : training.get(digests[i]!);
    return same === undefined ? [] : [`${file} (${split}) and ${same} (train)`];
  });
  if (leaks.length > 0)
    onWarning?.(`${name}: images are in two splits: ${leaks.length} of validation or test, first ${leaks[0]}`);
}
