import type { Stream } from '../../tensor/random.js';
import { type Station, stripAlong } from './crossing.js';
import { between } from './draw.js';
import { areaOf, type Capsule, centroidOf, clip, type Outline, type Point } from './geometry.js';
import { type Place, placeOf } from './places.js';

/** Land along one edge of the picture, or in a corner of it. */
export interface Shore {
  readonly outline: Outline;
  /** Where the water breaks on it. */
  readonly foam: Outline;
  /** Centroid of what is seen of it. */
  readonly centre: Point;
  readonly place: Place;
  /** Covers the outline. */
  readonly capsule: Capsule;
}

const depth = 1.5;

/**
 * Undefined when it would lie between two places, or be too small or too large.
 * @param rotation about the direction from the middle to it, in radians; 0 is to the right
 */
export function drawShore(random: Stream, rotation: number): Shore | undefined {
  const angle = rotation + between(random, -0.4, 0.4);
  const away: Point = [Math.cos(angle), Math.sin(angle)];
  const diagonal = 2 * Math.abs(away[0] * away[1]);
  const distance = between(random, 0.26, 0.34) + 0.12 * diagonal;
  const waves = between(random, 5, 9);
  const swing = between(random, 0.012, 0.03);
  const at = (out: number, t: number): Point => [0.5 + out * away[0] - t * away[1], 0.5 + out * away[1] + t * away[0]];
  const line = Array.from({ length: 25 }, (_, i): Station => {
    const t = i / 10 - 1.2;
    return { at: at(distance + swing * Math.sin(waves * t), t), angle };
  });
  const outline = stripAlong(line, 0, depth);
  const seen = clip(outline);
  if (seen.length < 3 || areaOf(seen) < 0.07 || areaOf(seen) > 0.24) return undefined;
  const centre = centroidOf(seen);
  const place = placeOf(centre);
  const capsule = { from: at(distance + 1, -depth), to: at(distance + 1, depth), radius: 1 + swing };
  return place && { outline, foam: stripAlong(line, -0.035, 0.02), centre, place, capsule };
}
