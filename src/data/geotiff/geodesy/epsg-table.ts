import { readFileSync } from 'node:fs';
import { toProj4 } from 'geotiff-geokeys-to-proj4';
import type { DatumOperation } from './datum-operation.js';

/** A reference system as proj4 takes it, and the ways from its datum to WGS 84. */
export interface SystemDefinition {
  /** A PROJ string without datum shift. */
  readonly definition: string;
  /** Factor from the system's units to degrees or metres where the definition does not have it. */
  readonly scale: number;
  readonly operations: readonly DatumOperation[];
}

/**
 * A projected or geographic system of the EPSG dataset; undefined where it is not known, or not computed as GDAL does.
 *
 * Definitions are those of geotiff-geokeys-to-proj4, where they are right. Of the 6122 systems of EPSG as GDAL 3.6 has it, that
 * package gives 3247 as GDAL does to a millionth of a degree: nearly all others lack their datum's shift, and some two hundred
 * have a wrong projection. So `data/geodesy/epsg.json` has the shifts, and 222 definitions. With it 5919 systems agree at five
 * points all over the area that they are meant for, 100 more agree unless they are used at the edge of an operation's area, and
 * 103 are left out (`scripts/geodetic-table.js` prints them; mostly deprecated ones, and the city grids of Colombia).
 */
export function epsgSystem(code: number): SystemDefinition | undefined {
  table ??= readTable();
  const operations = table.operations.get(code);
  if (!operations) return undefined;
  const own = table.definitions.get(code);
  if (own !== undefined) return { definition: own, scale: 1, operations };
  // it looks geographic ones up in the same list
  const named = toProj4({ ProjectedCSTypeGeoKey: code });
  return { definition: bare(named.proj4), scale: named.coordinatesConversionParameters.x, operations };
}

/** A definition of the package's without its datum shift, which may be any, and its axes: those of GeoTIFF are east and north. */
export const bare = (definition: string): string =>
  definition
    .replace(/ \+(?:axis|towgs84)=\S+/g, '')
    .replace(' +no_defs', '')
    .trim();

interface Table {
  /** By code, in PROJ's order. */
  readonly operations: ReadonlyMap<number, readonly DatumOperation[]>;
  readonly definitions: ReadonlyMap<number, string>;
}

/** Read when it is first needed. */
let table: Table | undefined;

function readTable(): Table {
  const file = new URL('../../../../data/geodesy/epsg.json', import.meta.url);
  const { operations, systems, definitions } = JSON.parse(readFileSync(file, 'utf8')) as {
    operations: string[];
    systems: string[];
    definitions: Record<string, string>;
  };
  const all = operations.map(parseOperation);
  const byCode = new Map<number, readonly DatumOperation[]>();
  for (const system of systems) {
    const [indices, codes] = system.split(': ') as [string, string];
    const some = indices.split(' ').map((index) => all[Number(index)]!);
    for (const range of codes.split(' ')) {
      const [from, to = from] = range.split('-').map(Number) as [number, number?];
      for (let code = from; code <= to; code++) byCode.set(code, some);
    }
  }
  const own = Object.entries(definitions).map(([code, definition]) => [Number(code), definition] as const);
  return { operations: byCode, definitions: new Map(own) };
}

/** `shift;west,south,east,north;accuracy` */
function parseOperation(text: string): DatumOperation {
  const [shift, area, accuracy] = text.split(';') as [string, string, string];
  return { shift, area: area.split(',').map(Number) as [number, number, number, number], accuracy: Number(accuracy) };
}
