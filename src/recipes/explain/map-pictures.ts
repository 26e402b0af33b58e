import type { AttributionMaps } from '../../explain/attribution/maps.js';
import { greyPicture, pngUri, signedPicture } from '../../explain/pictures.js';

/** Maps as `data:` URIs. @param image [C, H, W] */
export async function mapPictures(
  { saliency, integrated, occlusion }: Omit<AttributionMaps, 'completeness'>,
  [, height, width]: readonly number[],
): Promise<{ saliency: string; integrated: string; occlusion: string }> {
  return {
    saliency: await pngUri(greyPicture(saliency, height!, width!)),
    integrated: await pngUri(signedPicture(integrated, height!, width!)),
    occlusion: await pngUri(signedPicture(occlusion, height!, width!)),
  };
}
