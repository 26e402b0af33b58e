import type { Georeference, Position } from '../georeference.js';

/** Pixels that an edge may bend away from the line between two neighbouring positions. */
const tolerance = 0.1;
/** Times that an edge is halved at most. */
const mostHalvings = 10;
/** Degrees of longitude between neighbours beyond which one could not tell which way round they are apart. */
const mostDegrees = 120;
/** Steps in which longitudes are followed along an edge whose ends look far apart. */
const steps = 8;

/** The shorter way between two longitudes that are so many degrees apart. */
export const wrapped = (degrees: number): number => degrees - 360 * Math.round(degrees / 360);

/** Whether a position is a pole, which has every longitude. */
export const isPole = ([, latitude]: Position): boolean => Math.abs(latitude) > 90 - 1e-9;

/**
 * Longitudes and latitudes along the edges between corners, in pixels, each edge from its first corner to before its second: as
 * many as it takes for none to bend by more than a tenth of a pixel. On a geographic system edges are lines.
 */
export function outline(georeference: Georeference, corners: readonly Position[]): Position[] {
  const places = corners.map((corner) => georeference.toWgs84(corner));
  if (georeference.geographic) return places;
  return corners.flatMap((corner, i) => {
    const next = (i + 1) % corners.length;
    return [places[i]!, ...halve(georeference, [corner, places[i]!], [corners[next]!, places[next]!], 0)];
  });
}

type Both = readonly [pixel: Position, place: Position];

/** Positions between two, none where a line does. */
function halve(georeference: Georeference, from: Both, to: Both, halvings: number): Position[] {
  if (halvings === mostHalvings) return [];
  const degrees = eastward(georeference, from, to);
  if (Math.abs(degrees) <= mostDegrees && offLine(georeference, from, to, degrees) <= tolerance) return [];
  const pixel = between(from, to, 0.5);
  const centre: Both = [pixel, georeference.toWgs84(pixel)];
  return [
    ...halve(georeference, from, centre, halvings + 1),
    centre[1],
    ...halve(georeference, centre, to, halvings + 1),
  ];
}

/** Pixels that the middle of the line between two places is off the edge. */
function offLine(georeference: Georeference, from: Both, to: Both, degrees: number): number {
  const start = isPole(from[1]) ? to[1][0] : from[1][0];
  const middle = georeference.fromWgs84([start + degrees / 2, (from[1][1] + to[1][1]) / 2]);
  const along = minus(to[0], from[0]);
  // An image that goes on beyond 180° comes back a turn away.
  const turns: Position[] = [
    [0, 0],
    ...[from, to].map(([pixel, place]) => minus(georeference.fromWgs84(place), pixel)),
  ];
  const distances = turns.map((turn) => {
    const [x, y] = minus(minus(middle, from[0]), turn);
    return Math.abs(along[0] * y - along[1] * x) / Math.hypot(...along);
  });
  return Math.min(...distances.map((distance) => (Number.isNaN(distance) ? Infinity : distance)));
}

/** Degrees of longitude from one end of an edge to the other, followed along it where 180° may be between them. */
function eastward(georeference: Georeference, from: Both, to: Both): number {
  if (isPole(from[1]) || isPole(to[1])) return 0;
  const direct = to[1][0] - from[1][0];
  if (Math.abs(direct) <= mostDegrees) return direct;
  let degrees = 0;
  let last = from[1][0];
  for (let i = 1; i <= steps; i++) {
    const [longitude] = georeference.toWgs84(between(from, to, i / steps));
    degrees += wrapped(longitude - last);
    last = longitude;
  }
  return degrees;
}

const minus = ([x, y]: Position, [x2, y2]: Position): Position => [x - x2, y - y2];

const between = ([[x, y]]: Both, [[x2, y2]]: Both, part: number): Position => [
  x + part * (x2 - x),
  y + part * (y2 - y),
];
