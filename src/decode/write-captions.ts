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

/** How captions are written, as they are asked for and else as configured: a beam alone is without consensus. */
export const chooseWriting = (
  { beam, consensus }: { readonly beam?: number | undefined; readonly consensus?: boolean | undefined },
  configured: Writing,
): Writing => ({
  beam: beam ?? configured.beam,
  consensus: consensus ?? (beam === undefined && configured.consensus),
  maxLength: configured.maxLength,
});

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
