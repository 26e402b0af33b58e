import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { LegendaError } from '../../errors.js';
import { bitsOf } from '../images/bits-of.js';
import { readImageFile } from '../images/decode.js';
import { readRgb } from '../images/read-rgb.js';
import { type CaptionFolder, readCaptionFolder } from './caption-folder.js';
import { type CaptionedImage, type Split, splits } from './caption-set.js';
import { nameCaptions } from './known-captions.js';
import { sha256Of } from './text-file.js';

/** Something that is wrong, or worth knowing, of some images. */
export interface Finding {
  readonly kind:
    | 'missing'
    | 'unreadable'
    | 'uncaptioned'
    | 'empty caption'
    | 'leak'
    | 'duplicate'
    | 'repeated caption'
    | 'dark'
    | 'split';
  /** Images, as the captions name them. */
  readonly files: readonly string[];
  readonly message: string;
}

export interface CaptionSetCheck {
  readonly folder: string;
  readonly captionFile: string;
  readonly sha256: string;
  /** Which captions these are, in words. */
  readonly captions: string;
  /** Images a split. */
  readonly sizes: Readonly<Record<Split, number>>;
  /** Nothing may be trained or measured on a set that has any: missing, unreadable, without words, in two splits. */
  readonly problems: readonly Finding[];
  readonly notes: readonly Finding[];
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Looks at everything in a caption set: every image is decoded, and compared with all others by its bytes and its pixels.
 * @throws LegendaError when the folder has no captions, or they cannot be read
 */
export async function verifyCaptionSet(folder: string, options: VerifyOptions = {}): Promise<CaptionSetCheck> {
  const found = await readCaptionFolder(folder);
  const seen = await lookAtImages(found, options);
  const sizes = { train: 0, val: 0, test: 0 };
  for (const { split } of found.images) sizes[split]++;
  const { problems: leaks, notes: duplicates } = compare(seen.images);
  return {
    folder,
    captionFile: found.captionFile,
    sha256: found.sha256,
    captions: nameCaptions(found.sha256),
    sizes,
    problems: [
      ...found.missing.map((file) => finding('missing', [file], `${file} is not in ${found.imageFolder}`)),
      ...seen.unreadable,
      ...found.images.flatMap(wordless),
      ...leaks,
    ],
    notes: [...darkNotes(seen.images), ...duplicates, ...repetitions(found.images), ...splitNotes(found, sizes)],
  };
}

const finding = (kind: Finding['kind'], files: readonly string[], message: string): Finding => ({
  kind,
  files,
  message,
});

interface SeenImage extends CaptionedImage {
  /** Whether it has 16 bits and little more than black. */
  readonly isDark: boolean;
  /** Of the file, and of its pixels with their shape. */
  readonly digests: { readonly bytes: string; readonly pixels: string };
}

/** As many images are decoded at once as sharp has threads by default. */
const workers = 4;

async function lookAtImages({ images, imageFolder, missing }: CaptionFolder, { signal, onProgress }: VerifyOptions) {
  const absent = new Set(missing);
  const present = images.filter(({ file }) => !absent.has(file));
  const results = new Array<SeenImage | Finding>(present.length);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < present.length; i = next++) {
      signal?.throwIfAborted();
      results[i] = await look(present[i]!, imageFolder);
      onProgress?.(++done, present.length);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return {
    images: results.filter((result) => 'digests' in result),
    unreadable: results.filter((result) => 'kind' in result),
  };
}

/** Of 255: what values of 14 bits come to when 16 are taken to be used. */
const dark = 64;

const darkNotes = (images: readonly SeenImage[]): Finding[] =>
  images
    .filter(({ isDark }) => isDark)
    .map(({ file }) =>
      finding(
        'dark',
        [file],
        `${file} is nearly black: its values lie below a quarter of what 16 bits hold, and are not stretched (gdal_translate -ot Byte -scale does that)`,
      ),
    );

async function look(image: CaptionedImage, folder: string): Promise<SeenImage | Finding> {
  const path = join(folder, image.file);
  try {
    const bytes = await readImageFile(path);
    const { width, height, pixels } = await readRgb(bytes, { name: path });
    const digest = createHash('sha256').update(`${width}×${height}`).update(pixels).digest('hex');
    return {
      ...image,
      isDark: bitsOf(bytes) === 16 && pixels.every((value) => value < dark),
      digests: { bytes: sha256Of(bytes), pixels: digest },
    };
  } catch (error) {
    if (error instanceof LegendaError) return finding('unreadable', [image.file], error.message);
    throw error;
  }
}

function wordless({ file, captions }: CaptionedImage): Finding[] {
  if (captions.length === 0) return [finding('uncaptioned', [file], `${file} has no captions`)];
  return captions.flatMap(({ raw, tokens }, i) => {
    if (tokens.length > 0) return [];
    const what = raw.trim() === '' ? 'is empty' : `has no words (${JSON.stringify(raw.slice(0, 60))})`;
    return [finding('empty caption', [file], `caption ${i + 1} of ${file} ${what}`)];
  });
}

/** Images that are the same: across splits they make measurements worthless, within one they only weigh double. */
function compare(images: readonly SeenImage[]): { problems: Finding[]; notes: Finding[] } {
  const problems: Finding[] = [];
  const notes: Finding[] = [];
  const byPixels = new Map<string, SeenImage[]>();
  for (const image of images) {
    const group = byPixels.get(image.digests.pixels);
    if (group) group.push(image);
    else byPixels.set(image.digests.pixels, [image]);
  }
  for (const group of byPixels.values()) {
    if (group.length === 1) continue;
    const sameBytes = group.every(({ digests }) => digests.bytes === group[0]!.digests.bytes);
    const what = sameBytes ? 'are the same file' : 'have the same pixels';
    const files = group.map(({ file }) => file);
    const named = list(group.map(({ file, split }) => `${file} (${split})`));
    if (new Set(group.map(({ split }) => split)).size > 1) problems.push(finding('leak', files, `${named} ${what}`));
    else notes.push(finding('duplicate', files, `${named} ${what}`));
  }
  return { problems, notes };
}

const list = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

function repetitions(images: readonly CaptionedImage[]): Finding[] {
  const repeated = images.map(({ captions }) => {
    const said = captions.map(({ tokens }) => tokens.join(' ')).filter(Boolean);
    return said.length - new Set(said).size;
  });
  const count = repeated.reduce((sum, value) => sum + value, 0);
  if (count === 0) return [];
  const files = images.filter((_, i) => repeated[i]! > 0).map(({ file }) => file);
  return [
    finding(
      'repeated caption',
      files,
      `${count} captions say what another of the same image says, in ${files.length} images`,
    ),
  ];
}

function splitNotes({ divided, captionFile }: CaptionFolder, sizes: Readonly<Record<Split, number>>): Finding[] {
  const notes = splits
    .filter((split) => sizes[split] === 0)
    .map((split) =>
      finding(
        'split',
        [],
        `there are no images of the split ${split}${split === 'test' ? '' : ': nothing can be trained'}`,
      ),
    );
  if (divided)
    notes.unshift(finding('split', [], `${captionFile} says nothing of splits: images are divided at random`));
  return notes;
}
