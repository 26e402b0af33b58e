import { posix } from 'node:path';
import { LegendaError } from '../../errors.js';
import type { Candidates, References } from './caption-files.js';
import type { CocoId } from './coco.js';

export interface PairOptions {
  /** Score the images that have a candidate, and leave the others out. */
  readonly partial?: boolean;
}

/**
 * Candidates beside their references, in the references' order.
 * @throws LegendaError naming an image that has no candidate, no reference, or is not there at all
 */
export function pairCaptions(
  candidates: Candidates,
  references: References,
  { partial = false }: PairOptions = {},
): { candidate: string; references: readonly string[] }[] {
  if (candidates.lines !== references.lines) {
    throw new LegendaError('text files are compared with text files, and JSON with JSON: one of each came');
  }
  const what = references.lines ? 'line' : 'image';
  const numbered = (name: string | number): string => `${what} ${references.lines ? Number(name) + 1 : name}`;
  const key = (name: CocoId): string => posix.normalize(String(name));
  const places = new Map(references.images.flatMap(({ names }, i) => names.map((name) => [key(name), i] as const)));
  const found = new Map<number, string>();
  for (const { names, captions } of candidates.images) {
    const place = places.get(key(names[0]!));
    if (place === undefined) throw new LegendaError(`${numbered(names[0]!)} of the candidates has no references`);
    if (found.has(place)) throw new LegendaError(`${numbered(names[0]!)} of the candidates is there twice`);
    found.set(place, captions);
  }
  const missing = references.images.filter((_, i) => !found.has(i));
  if (missing.length > 0 && !partial) {
    const first = numbered(missing[0]!.names[0]!);
    throw new LegendaError(
      `${missing.length} of ${references.images.length} ${what}s have no candidate, first ${first}`,
    );
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([place, candidate]) => {
      const { names, captions } = references.images[place]!;
      if (captions.length === 0) throw new LegendaError(`${numbered(names[0]!)} has no references`);
      return { candidate, references: captions };
    });
}
