import type { Position } from '../georeference.js';
import { isPole, wrapped } from './outline.js';

/** Degrees below which a polygon is nothing but rounding. */
const nothing = 1e-9;

/** What an outline is of. */
export interface OutlineKind {
  /** Whether longitudes go on beyond ±180, and so say which way round the outline leads. */
  readonly continuous: boolean;
  /** The latitude of the pole that is inside, if one is. */
  readonly pole: number | undefined;
}

/**
 * Polygons of an outline: closed, counter-clockwise, with longitudes from −180 to 180; several where it leads across 180°.
 * @param places longitudes and latitudes in degrees, neighbours less than 180° apart unless they are continuous
 * @returns or what is wrong with it
 */
export function polygonsOf(places: readonly Position[], { continuous, pole }: OutlineKind): Position[][] | string {
  const apart = continuous ? places : atPoles(places);
  if (!apart) return 'has an edge through a pole, where longitudes turn round';
  const path = continuous ? [...apart] : unwrap(apart);
  const turn = continuous ? 0 : path.at(-1)![0] + wrapped(path[0]![0] - path.at(-1)![0]) - path[0]![0];
  if (Math.abs(turn) > 180 && pole === undefined) return 'leads round a pole that is not in it';
  const ring = turn > 180 ? aroundPole(path, pole!) : turn < -180 ? aroundPole(path.toReversed(), pole!) : path;
  const longitudes = ring.map(([longitude]) => longitude);
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  if (east - west > 360 + nothing) return `is ${east - west}° of longitude wide, at most 360 were expected`;
  const shift = -360 * Math.round((west + east) / 720);
  const moved = (area(ring) < 0 ? ring.toReversed() : ring).map(([x, y]): Position => [x + shift, y]);
  const parts = [-360, 0, 360].flatMap((turns) => {
    const part = cut(
      cut(moved, (x) => x - (turns - 180)),
      (x) => turns + 180 - x,
    ).map(([x, y]): Position => [x - turns, y]);
    return part.length > 2 && area(part) > nothing * nothing && width(part) > nothing ? [[...part, part[0]!]] : [];
  });
  return parts.length > 0 ? parts : 'has no area';
}

const width = (ring: readonly Position[]): number => {
  const longitudes = ring.map(([longitude]) => longitude);
  return Math.max(...longitudes) - Math.min(...longitudes);
};

/** A pole at a corner is a line in longitude and latitude, from the longitude of the edge that leads to it to that of the next. */
function atPoles(places: readonly Position[]): Position[] | undefined {
  const others = places.filter((place) => !isPole(place));
  if (others.length === places.length) return [...places];
  const result: Position[] = [];
  for (const [i, place] of places.entries()) {
    if (!isPole(place)) {
      result.push(place);
      continue;
    }
    const before = places.at(i - 1)!;
    const after = places[(i + 1) % places.length]!;
    if (isPole(before) || isPole(after) || Math.abs(wrapped(after[0] - before[0])) > 179.999) return undefined;
    result.push([before[0], place[1]], [after[0], place[1]]);
  }
  return result;
}

/** Longitudes that go on where they would jump at 180°. */
function unwrap(places: readonly Position[]): Position[] {
  const path: Position[] = [places[0]!];
  for (const [longitude, latitude] of places.slice(1)) {
    const last = path.at(-1)![0];
    path.push([last + wrapped(longitude - last), latitude]);
  }
  return path;
}

/** A ring of a path that leads eastwards once round the Earth: from −180 to 180, and back along the pole. */
function aroundPole(path: readonly Position[], pole: number): Position[] {
  const [first, latitude0] = path[0]!;
  const closed: Position[] = [...path, [first + 360, latitude0]];
  // the next meridian of 180° behind the first position
  const seam = 180 + 360 * (Math.floor((first - 180) / 360) + 1);
  const i = closed.findIndex(([longitude], i) => i > 0 && longitude >= seam);
  const [x, y] = closed[i - 1]!;
  const [x2, y2] = closed[i]!;
  const latitude = y + ((seam - x) / (x2 - x)) * (y2 - y);
  const behind = closed.slice(i, -1).map(([x, y]): Position => [x - seam - 180, y]);
  const before = closed.slice(0, i).map(([x, y]): Position => [x - seam + 180, y]);
  return [[-180, latitude], ...behind, ...before, [180, latitude], [180, pole], [-180, pole]];
}

/** Twice the signed area in square degrees, positive where a ring is counter-clockwise. */
function area(ring: readonly Position[]): number {
  const [x0, y0] = ring[0]!;
  return ring.reduce((sum, [x, y], i) => {
    const [x2, y2] = ring[(i + 1) % ring.length]!;
    return sum + (x - x0) * (y2 - y0) - (x2 - x0) * (y - y0);
  }, 0);
}

/** The part of a ring on the side of a meridian where a distance is positive. */
function cut(ring: readonly Position[], distance: (longitude: number) => number): Position[] {
  return ring.flatMap((from, i) => {
    const to = ring[(i + 1) % ring.length]!;
    const [a, b] = [distance(from[0]), distance(to[0])];
    const kept = a >= 0 ? [from] : [];
    if (a > 0 === b > 0 || a === 0 || b === 0) return kept;
    const part = a / (a - b);
    return [...kept, [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])] as const];
  });
}
