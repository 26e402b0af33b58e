import type { Stream } from '../../tensor/random.js';
import { between } from './draw.js';
import type { Point } from './geometry.js';

/** How several of a group stand to each other. */
export type Arrangement =
  /** Side by side. */
  | 'row'
  /** Two rows from four on. */
  | 'block'
  /** Anyhow, close together. */
  | 'cluster';

/**
 * Where each of a group stands, around the origin.
 * @param width from one to its neighbour at the side; also the distance in a cluster
 * @param length from one to the one behind it
 */
export function arrange(random: Stream, count: number, how: Arrangement, width: number, length: number): Point[] {
  if (how === 'cluster') return scatter(random, count, width);
  const rows = how === 'block' && count >= 4 ? 2 : 1;
  const columns = Math.ceil(count / rows);
  return Array.from(
    { length: count },
    (_, i): Point => [((i % columns) - (columns - 1) / 2) * width, (Math.floor(i / columns) - (rows - 1) / 2) * length],
  );
}

/** The field in which points are drawn grows with every try, so that this ends and the points stay close together. */
function scatter(random: Stream, count: number, apart: number): Point[] {
  const points: Point[] = [];
  for (let tries = 0; points.length < count; tries++) {
    const spread = apart * (0.6 + 0.02 * tries);
    const [x, y]: Point = [between(random, -spread, spread), between(random, -spread, spread)];
    if (points.every((point) => Math.hypot(point[0] - x, point[1] - y) >= apart)) points.push([x, y]);
  }
  return points;
}
