import type { Window } from '../../data/geotiff/windows.js';

/** What is described at once: an image, or a window of one. */
export interface Tile {
  /** Path from the source's folder, with slashes; whole where a list has it so. */
  readonly image: string;
  readonly window?: Window;
}

/** What was listed. */
export interface Planned {
  readonly count: number;
  /** Of the list, in hexadecimal. */
  readonly sha256: string;
}

/** Where an archive's tiles are listed. */
export interface TilePlan {
  /** Tiles, all together. */
  readonly count: number;
  /** Tiles from one number to another, which is not among them; both multiples of the shard's size, or the end. */
  tiles(from: number, to: number): Promise<Tile[]>;
}
