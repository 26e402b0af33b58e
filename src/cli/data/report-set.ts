import type { LoadedCaptionSet } from '../../data/captions/load-set.js';
import { print, printJson, warn } from '../frame/output.js';

/** Prints what a caption set is that has come, and warns of what it lacks. */
export function reportSet(set: LoadedCaptionSet, source: string, json: boolean): void {
  const { name, images, captions, captionFile, imageFolder, sha256, warnings } = set;
  const captionCount = images.reduce((sum, image) => sum + image.captions.length, 0);
  for (const warning of warnings) warn(`${name}: ${warning}`);
  if (json) {
    printJson({
      name,
      source,
      images: images.length,
      captionCount,
      captions,
      sha256,
      captionFile,
      imageFolder,
      warnings,
    });
  } else print(`${name}: ${images.length} images with ${captionCount} captions (${captions}), from ${source}`);
}
