/** One thing that someone said of an image. */
export interface Caption {
  readonly raw: string;
  /** Its words as the data set has them, lower-cased. */
  readonly tokens: readonly string[];
}

export const splits = ['train', 'val', 'test'] as const;

export type Split = (typeof splits)[number];

export interface CaptionedImage {
  /** Path below the set's folder of images, parts joined by `/`. */
  readonly file: string;
  /** The number that the data set gives it. */
  readonly id: number | undefined;
  readonly split: Split;
  readonly captions: readonly Caption[];
}

/** Images with what people said of them. */
export interface CaptionSet {
  readonly name: string;
  readonly images: readonly CaptionedImage[];
  /** The folder that the images' files are below; absent where images are generated. */
  readonly imageFolder?: string;
  /** sha256 of the file that has the captions: tells an original from a corrected one. */
  readonly sha256: string;
}
