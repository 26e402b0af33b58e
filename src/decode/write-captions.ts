import { UsageError } from '../errors.js';
import { decodeByBeam } from './beam.js';
import { decodeByConsensus } from './consensus.js';
import { decodeGreedily } from './word-by-word.js';
import type { DecodedCaption, WordSource } from './word-source.js';

/** How captions are written. */
export interface Writing {
  /** Drafts that are followed at once, from 1: 1 is greedy. */
  readonly beam: number;
  /** Whether to take what is most like the beam's other captions, not the likeliest. */
  readonly consensus: boolean;
  /** The most words of a caption, from 1. */
  readonly maxLength: number;
}

/**
 * How captions are written, as they are asked for and else as configured: a beam alone is without consensus.
 * @throws UsageError when consensus is asked for where the beam has one caption
 */
export function chooseWriting(
  asked: { readonly beam?: number | undefined; readonly consensus?: boolean | undefined },
  configured: Writing,
): Writing {
  const { beam = configured.beam, consensus = asked.beam === undefined && configured.consensus } = asked;
  if (asked.consensus && beam === 1)
    throw new UsageError('consensus: a beam of 2 captions or more is expected, to choose among them; it has 1');
  return { beam, consensus, maxLength: configured.maxLength };
}

/** A caption for every image. @param source with `count` times the beam's rows at least */
export async function writeCaptions(
  source: WordSource,
  count: number,
  { beam, consensus, maxLength }: Writing,
): Promise<DecodedCaption[]> {
  if (consensus) return decodeByConsensus(source, count, { beam, maxLength });
  if (beam === 1) return decodeGreedily(source, count, { maxLength });
  return (await decodeByBeam(source, count, { beam, maxLength })).map(([best]) => best!);
}

/** Captions that are written at once, all of an image's drafts among them. */
const rowsAtOnce = 64;

/** Images that are looked at at once, so that memory does not grow with the beam. */
export const imagesAtOnce = ({ beam }: Writing): number => Math.max(1, Math.floor(rowsAtOnce / beam));
