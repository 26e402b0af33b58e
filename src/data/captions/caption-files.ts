import { LegendaError, UsageError } from '../../errors.js';
import { type CocoId, readCocoAnnotations, readCocoResults } from './coco.js';
import { isKarpathy, readKarpathy } from './karpathy.js';
import { readTextFile, sha256Of, type TextFile } from './text-file.js';

/** Captions of images from a file, or several files, in any of the forms that are understood. */
interface CaptionFile<Captions> {
  /** By image, in the file's order. */
  readonly images: readonly { readonly names: readonly CocoId[]; readonly captions: Captions }[];
  /** Whether images are the lines of text files, and so have no names but their numbers. */
  readonly lines: boolean;
}

export interface References extends CaptionFile<readonly string[]> {
  readonly split: string;
  /** sha256 of the file; of several files that of their digests. */
  readonly sha256: string;
}

export type Candidates = CaptionFile<string>;

/**
 * References from a `dataset.json` of Karpathy's form, COCO annotations, or text files with a line an image, of which there
 * may be several.
 * @param split which images of a Karpathy file; may be left out where it has only one
 * @throws LegendaError naming the file that is of none of the forms; UsageError when the split is not there or not said
 */
export async function readReferences(paths: readonly string[], split?: string): Promise<References> {
  const files = await Promise.all(paths.map(readTextFile));
  const digests = files.map(({ sha256 }) => sha256);
  const sha256 = digests.length === 1 ? digests[0]! : sha256Of(digests.join('\n'));
  const json = files.map(({ value }) => value);
  if (json.every((value) => value === undefined)) {
    return { images: referencesByLine(files), lines: true, split: splitWithout(split), sha256 };
  }
  if (files.length > 1)
    throw new UsageError(`one JSON file with references is expected, or text files: ${paths.join(', ')}`);
  const [{ path, value }] = files as [TextFile];
  if (isKarpathy(value)) {
    const { images } = readKarpathy(value, path);
    const chosen = chooseSplit([...new Set(images.map((image) => image.split))], split, path);
    const kept = images.filter((image) => image.split === chosen);
    return {
      images: kept.map(({ file, id, captions }) => ({
        names: id === undefined ? [file] : [id, file],
        captions: captions.map(({ raw }) => raw),
      })),
      lines: false,
      split: chosen,
      sha256,
    };
  }
  const images = readCocoAnnotations(value, path).map(({ id, file, captions }) => ({
    names: file === undefined ? [id] : [id, file],
    captions,
  }));
  return { images, lines: false, split: splitWithout(split), sha256 };
}

/**
 * Captions to be scored: COCO results, or a text file with a line an image.
 * @throws LegendaError naming the file that is neither
 */
export async function readCandidates(path: string): Promise<Candidates> {
  const { value, text } = await readTextFile(path);
  if (value === undefined)
    return { images: linesOf(text).map((caption, i) => ({ names: [i], captions: caption })), lines: true };
  return {
    images: [...readCocoResults(value, path)].map(([id, captions]) => ({ names: [id], captions })),
    lines: false,
  };
}

function splitWithout(split: string | undefined): string {
  if (split !== undefined)
    throw new UsageError(`--split belongs to files of Karpathy's form, which the references are not`);
  return 'all';
}

function chooseSplit(present: readonly string[], split: string | undefined, path: string): string {
  if (split === undefined && present.length === 1) return present[0]!;
  if (split !== undefined && present.includes(split)) return split;
  const came = split === undefined ? 'none was said' : `"${split}" came`;
  throw new UsageError(`${path} has the splits ${present.join(', ')}: one of them is expected as --split, ${came}`);
}

function referencesByLine(files: readonly TextFile[]): References['images'] {
  const all = files.map(({ path, text }) => ({ path, lines: linesOf(text) }));
  const first = all[0]!;
  for (const { path, lines } of all) {
    if (lines.length === first.lines.length) continue;
    throw new LegendaError(`${path} has ${lines.length} lines, ${first.path} has ${first.lines.length}`);
  }
  return first.lines.map((_, i) => ({ names: [i], captions: all.map(({ lines }) => lines[i]!).filter(Boolean) }));
}

const linesOf = (text: string): string[] => text.replace(/\r?\n$/u, '').split(/\r?\n/u);
