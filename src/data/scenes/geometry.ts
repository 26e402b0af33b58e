/** Parts of the picture's side: (0, 0) is its upper left corner, (1, 1) its lower right. */
export type Point = readonly [x: number, y: number];

/** Corners of a polygon in order; the last joins the first. */
export type Outline = readonly Point[];

export interface Pose {
  readonly at: Point;
  /** Radians, clockwise as seen. */
  readonly angle: number;
}

/** Everything within `radius` of a segment. */
export interface Capsule {
  readonly from: Point;
  readonly to: Point;
  readonly radius: number;
}

/** Turns about the origin, then moves. */
export function move(outline: Outline, { at, angle }: Pose): Outline {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return outline.map(([x, y]): Point => [at[0] + x * cos - y * sin, at[1] + x * sin + y * cos]);
}

/** In parts of the picture; outlines that cross themselves have no meaningful area. */
export const areaOf = (outline: Outline): number => Math.abs(moments(outline).area);

export function centroidOf(outline: Outline): Point {
  const { area, x, y } = moments(outline);
  return [x / area, y / area];
}

/** Area with its sign, and its products with the centroid's coordinates, by Green's theorem. */
function moments(outline: Outline): { area: number; x: number; y: number } {
  let area = 0;
  let x = 0;
  let y = 0;
  let [fromX, fromY] = outline.at(-1)!;
  for (const [toX, toY] of outline) {
    const cross = (fromX * toY - toX * fromY) / 2;
    area += cross;
    x += (cross * (fromX + toX)) / 3;
    y += (cross * (fromY + toY)) / 3;
    fromX = toX;
    fromY = toY;
  }
  return { area, x, y };
}

/** By the even-odd rule. */
export function contains(outline: Outline, [x, y]: Point): boolean {
  let inside = false;
  let [fromX, fromY] = outline.at(-1)!;
  for (const [toX, toY] of outline) {
    if (toY > y !== fromY > y && x < ((fromX - toX) * (y - toY)) / (fromY - toY) + toX) inside = !inside;
    fromX = toX;
    fromY = toY;
  }
  return inside;
}

/** The part of an outline that is in the picture, side by side of the frame (Sutherland and Hodgman, 1974). */
export function clip(outline: Outline): Outline {
  let clipped = outline;
  for (const axis of [0, 1] as const) {
    for (const [edge, sign] of [
      [0, 1],
      [1, -1],
    ] as const) {
      clipped = clipped.flatMap((to, i): Point[] => {
        const from = clipped.at(i - 1)!;
        const a = (from[axis] - edge) * sign;
        const b = (to[axis] - edge) * sign;
        if (a < 0 === b < 0) return b < 0 ? [] : [to];
        const part = a / (a - b);
        const crossing: Point = [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])];
        return b < 0 ? [crossing] : [crossing, to];
      });
    }
  }
  return clipped;
}

/** The ends of a line and the points where it turns. */
export const bendsOf = (line: Outline): Outline =>
  line.filter((point, i) => {
    const before = line[i - 1];
    const after = line[i + 1];
    return !before || !after || Math.abs(turn(before, point, after)) > 1e-9;
  });

/** The smallest capsule along the longer side of an outline that is centred on the origin and parallel to the axes. */
export function capsuleAround(outline: Outline): Capsule {
  const width = Math.max(...outline.map(([x]) => Math.abs(x)));
  const height = Math.max(...outline.map(([, y]) => Math.abs(y)));
  const reach = Math.abs(width - height);
  const to: Point = width > height ? [reach, 0] : [0, reach];
  const from: Point = [-to[0], -to[1]];
  return { from, to, radius: Math.max(...outline.map((point) => distanceToSegment(point, from, to))) };
}

/** Between the surfaces of two capsules; negative where they overlap. */
export function gapBetween(a: Capsule, b: Capsule): number {
  const between = cross(a.from, a.to, b.from, b.to)
    ? 0
    : Math.min(
        distanceToSegment(a.from, b.from, b.to),
        distanceToSegment(a.to, b.from, b.to),
        distanceToSegment(b.from, a.from, a.to),
        distanceToSegment(b.to, a.from, a.to),
      );
  return between - a.radius - b.radius;
}

function distanceToSegment([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): number {
  const dx = toX - fromX;
  const dy = toY - fromY;
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / length));
  return Math.hypot(x - fromX - part * dx, y - fromY - part * dy);
}

const cross = (a: Point, b: Point, c: Point, d: Point): boolean =>
  turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;

const turn = (a: Point, b: Point, c: Point): number => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
