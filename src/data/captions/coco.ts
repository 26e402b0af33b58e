import { z } from 'zod';
import { LegendaError } from '../../errors.js';
import { conform } from '../../json.js';

const id = z.union([z.int(), z.string().min(1)]);

const results = z.array(
  z.object({ image_id: id, caption: z.string() }),
  'COCO results are expected, a list of {"image_id": …, "caption": …}',
);

const annotations = z.object({
  images: z.array(z.object({ id, file_name: z.string().optional() })).optional(),
  annotations: z.array(
    z.object({ image_id: id, caption: z.string() }),
    'COCO annotations are expected, {"annotations": [{"image_id": …, "caption": …}, …]}, or Karpathy\'s {"images": [{"filename": …, "split": …, "sentences": […]}, …]}',
  ),
});

export type CocoId = z.output<typeof id>;

/**
 * Captions in COCO's form for results: `[{"image_id": 7, "caption": "…"}, …]`, one an image. An id may be a file's name.
 * @param what names the file in errors
 * @throws LegendaError naming the key that is wrong, or an image that is there twice
 */
export function readCocoResults(value: unknown, what: string): Map<CocoId, string> {
  const captions = new Map<CocoId, string>();
  for (const { image_id, caption } of conform(value, results, what)) {
    if (captions.has(image_id)) throw new LegendaError(`${what}: image ${image_id} has more than one caption`);
    captions.set(image_id, caption);
  }
  return captions;
}

/** One image of a file of annotations. */
export interface CocoReferences {
  readonly id: CocoId;
  readonly file: string | undefined;
  readonly captions: readonly string[];
}

/**
 * Captions in COCO's form for annotations: `{"images": […], "annotations": [{"image_id": 7, "caption": "…"}, …]}`.
 * @throws LegendaError naming the key that is wrong
 */
export function readCocoAnnotations(value: unknown, what: string): CocoReferences[] {
  const { images, annotations: captions } = conform(value, annotations, what);
  const files = new Map(images?.map((image) => [image.id, image.file_name]));
  const byImage = new Map<CocoId, string[]>([...files.keys()].map((image) => [image, []]));
  for (const { image_id, caption } of captions) {
    const list = byImage.get(image_id);
    if (list) list.push(caption);
    else byImage.set(image_id, [caption]);
  }
  return [...byImage].map(([image, list]) => ({ id: image, file: files.get(image), captions: list }));
}
