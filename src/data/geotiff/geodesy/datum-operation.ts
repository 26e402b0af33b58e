/** A way from a datum to WGS 84, without grids. */
export interface DatumOperation {
  /**
   * Three translations in metres, or these with three rotations in seconds of arc (of the position vector) and a change of scale
   * in millionths, as in PROJ's `+towgs84`. Empty where longitude and latitude are taken as they are.
   */
  readonly shift: string;
  /** Where it is meant to be used: west, south, east and north in degrees; west is larger than east across 180°. */
  readonly area: readonly [west: number, south: number, east: number, north: number];
  /** Metres; negative where nobody knows. */
  readonly accuracy: number;
}

/**
 * The operation that PROJ, and so GDAL, takes at a position: the most accurate one of those whose area it is in, the first of
 * equals; the first of all where it is in none.
 * @param operations at least one, in PROJ's order
 */
export function chooseOperation(
  operations: readonly DatumOperation[],
  longitude: number,
  latitude: number,
): DatumOperation {
  let best: DatumOperation | undefined;
  for (const operation of operations) {
    if (!isInside(operation.area, longitude, latitude)) continue;
    const better = operation.accuracy >= 0 && operation.accuracy < (best?.accuracy ?? Infinity);
    if (!best || better || (best.accuracy < 0 && operation.accuracy >= 0)) best = operation;
  }
  return best ?? operations[0]!;
}

function isInside([west, south, east, north]: DatumOperation['area'], longitude: number, latitude: number): boolean {
  const between = west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
  return between && latitude >= south && latitude <= north;
}
