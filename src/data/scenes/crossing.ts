import { type Stream, uniform } from '../../tensor/random.js';
import { between } from './draw.js';
import { bendsOf, type Capsule, type Outline, type Point } from './geometry.js';
import { type Course, placeOf, type Relation } from './places.js';

/** The centre line of something that crosses the picture, such as a road, with its width. */
export interface Crossing {
  readonly line: readonly Station[];
  readonly width: number;
  readonly course: Course;
}

/** A point of the line and the direction in which the line goes on, as the angle of a thing that faces along it. */
export interface Station {
  readonly at: Point;
  readonly angle: number;
}

const stations = 60;
/** Half the line's length: from anywhere near the middle it leaves the picture on both ends. */
const reach = 1.05;

/**
 * A line through the picture, straight or winding; undefined when captions could not say plainly how it crosses.
 * @param rotation of the direction in which it goes, in radians
 * @param winding how far it swings to each side, in parts of the picture; 0 is straight
 */
export function drawCrossing(random: Stream, rotation: number, width: number, winding: number): Crossing | undefined {
  const along: Point = [Math.sin(rotation), -Math.cos(rotation)];
  const across: Point = [-along[1], along[0]];
  const offset = between(random, -0.26, 0.26);
  const waves = 2 * Math.PI * between(random, 0.5, 0.9);
  const phase = 2 * Math.PI * uniform(random);
  const line = Array.from({ length: stations }, (_, i): Station => {
    const t = reach * ((2 * i) / (stations - 1) - 1);
    const aside = offset + winding * Math.sin(waves * t + phase);
    const turned = winding * waves * Math.cos(waves * t + phase);
    const at = (axis: 0 | 1): number => 0.5 + t * along[axis] + aside * across[axis];
    const heading = (axis: 0 | 1): number => along[axis] + turned * across[axis];
    return { at: [at(0), at(1)], angle: Math.atan2(heading(0), -heading(1)) };
  });
  const course = courseOf(line);
  return course && { line, width, course };
}

/** From above to below, or from left to right where it goes more that way. */
function courseOf(line: readonly Station[]): Course | undefined {
  const ends = edgesCrossed(line);
  if (ends.length !== 2) return undefined;
  const [a, b] = ends as [Point, Point];
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  if (Math.hypot(dx, dy) < 0.75) return undefined;
  const forwards = Math.abs(dy) > Math.abs(dx) ? dy > 0 : dx > 0;
  const from = placeOf(forwards ? a : b);
  const to = placeOf(forwards ? b : a);
  return from && to && { from, to };
}

/** Where a line enters and leaves the picture. */
function edgesCrossed(line: readonly Station[]): Point[] {
  const inside = ({ at: [x, y] }: Station): boolean => x >= 0 && x <= 1 && y >= 0 && y <= 1;
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  return line.flatMap((station, i): Point[] => {
    const next = line[i + 1];
    if (!next || inside(station) === inside(next)) return [];
    const outer = inside(station) ? next : station;
    return [[clamp(outer.at[0]), clamp(outer.at[1])]];
  });
}

/** The polygon between two distances from the line, negative to the left of its direction. */
export function stripAlong(line: readonly Station[], from: number, to: number): Outline {
  const aside = (distance: number): Outline =>
    bendsOf(line.map(({ at, angle }) => [at[0] + distance * Math.cos(angle), at[1] + distance * Math.sin(angle)]));
  return [...aside(from), ...aside(to).toReversed()];
}

/** Pieces of the line of `length`, with `gap` between them, counted in stations. */
export function dashesAlong(line: readonly Station[], length: number, gap: number): (readonly Station[])[] {
  const dashes: (readonly Station[])[] = [];
  for (let i = 0; i + length < line.length; i += length + gap) dashes.push(line.slice(i, i + length + 1));
  return dashes;
}

export function capsulesAlong({ line, width }: Crossing): Capsule[] {
  const corners = line.filter((_, i) => i % 3 === 0 || i === line.length - 1);
  return corners.slice(1).map(({ at }, i) => ({ from: corners[i]!.at, to: at, radius: width / 2 }));
}

/** On which side of a crossing all of the outlines lie, where the crossing goes plainly down or across the picture. */
export function sideOf({ line, width, course }: Crossing, outlines: readonly Outline[]): Relation | undefined {
  const pair = `${course.from}-${course.to}`;
  const axis = pair === 'top-bottom' ? 0 : pair === 'left-right' ? 1 : undefined;
  if (axis === undefined) return undefined;
  const sides = new Set(outlines.map((outline) => sideOfOne(line, width, outline, axis)));
  const [side] = sides;
  if (sides.size !== 1 || side === undefined) return undefined;
  return axis === 0 ? (side < 0 ? 'left' : 'right') : side < 0 ? 'above' : 'below';
}

/** -1 where the outline is before the line on the axis, as far as they lie beside each other; 1 behind it. */
function sideOfOne(line: readonly Station[], width: number, outline: Outline, axis: 0 | 1): -1 | 1 | undefined {
  const across = outline.map((point) => point[axis]);
  const along = outline.map((point) => point[1 - axis]!);
  const low = Math.min(...along) - 0.03;
  const high = Math.max(...along) + 0.03;
  const near = line.filter(({ at }) => at[1 - axis]! >= low && at[1 - axis]! <= high).map(({ at }) => at[axis]);
  if (near.length === 0) return undefined;
  if (Math.max(...across) < Math.min(...near) - width / 2) return -1;
  return Math.min(...across) > Math.max(...near) + width / 2 ? 1 : undefined;
}
