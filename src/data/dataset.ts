import { LegendaError } from '../errors.js';
import { parseIdx } from './idx.js';

/** Images of one size with a class each. */
export interface LabelledImages {
  /** [count, channels, height, width], 0 black to 255. */
  readonly pixels: Uint8Array;
  /** [count], indices into the set's `classes`. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface ImageClassificationSet {
  readonly name: string;
  /** Names of the classes; a label is an index into them. */
  readonly classes: readonly string[];
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** Where it came from: a folder, or words. */
  readonly source: string;
  /** Whether these are only the images that are bundled with the program: say so loudly. */
  readonly sample: boolean;
  /** sha256 of each file's decompressed content, by file name: enough to tell what a run was trained on. */
  readonly digests: Readonly<Record<string, string>>;
}

/**
 * Grey images and their labels from two IDX files.
 * @param images the content of a file of [count, height, width]
 * @param labels the content of a file of [count], each below `classes`
 * @throws LegendaError naming the file when it is not IDX, is empty, or the two do not belong together
 */
export function labelledImagesFromIdx(
  images: { readonly name: string; readonly bytes: Uint8Array },
  labels: { readonly name: string; readonly bytes: Uint8Array },
  classes: number,
): LabelledImages {
  const { shape, data: pixels } = parseIdx(images.bytes, images.name);
  const { shape: labelShape, data: labelData } = parseIdx(labels.bytes, labels.name);
  const [count = 0, height = 0, width = 0] = shape;
  if (shape.length !== 3 || count * height * width === 0) {
    throw new LegendaError(`${images.name}: a shape of [count, height, width] was expected, got [${shape}]`);
  }
  if (labelShape.length !== 1 || labelShape[0] !== count) {
    throw new LegendaError(`${labels.name}: a label for each of ${count} images was expected, got [${labelShape}]`);
  }
  const labelled = { pixels, labels: labelData, count, channels: 1, height, width };
  checkLabels(labelled, classes, `${labels.name}: `);
  return labelled;
}

/** @throws LegendaError naming the first label that is no class, behind `where` */
export function checkLabels({ labels }: LabelledImages, classes: number, where = ''): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong !== -1) throw new LegendaError(`${where}label ${labels[wrong]} of image ${wrong} is not below ${classes}`);
}
