import proj4 from 'proj4';
import { LegendaError } from '../../../errors.js';
import { chooseOperation } from './datum-operation.js';
import { epsgSystem, type SystemDefinition } from './epsg-table.js';
import type { GeoKeys } from './geo-tags.js';
import { GeoKeyError, geographicSystem, linearUnit, projectedSystem, userDefined } from './user-defined.js';

export type Position = readonly [x: number, y: number];

/** A reference system of the plane or of longitude and latitude. */
export interface ReferenceSystem {
  /** `EPSG:32633`, or `user-defined`. */
  readonly title: string;
  /** Whether its positions are longitude and latitude, in whatever unit. */
  readonly geographic: boolean;
  /** Of a position in it, longitude and latitude in degrees on its own datum; not finite outside the projection. */
  toGeographic(position: Position): Position;
  /** From and to WGS 84, by the operation that suits a position on its own datum. */
  datumAt(longitude: number, latitude: number): DatumWay;
}

/** From a reference system to WGS 84 and back. */
export interface DatumWay {
  /** Longitude and latitude in degrees; not finite outside the projection. */
  toWgs84(position: Position): Position;
  fromWgs84(position: Position): Position;
}

/**
 * The reference system that geo keys name: a system of EPSG that is known and computed as GDAL does (see `epsgSystem`), or a
 * projection and a datum whose parameters the keys say.
 * @param name the file, for errors
 * @throws LegendaError naming the file, what was expected and what came
 */
export function referenceSystemOf(keys: GeoKeys, name: string): ReferenceSystem {
  try {
    const [title, system] = define(keys);
    return build(title, system);
  } catch (error) {
    if (!(error instanceof GeoKeyError)) throw error;
    throw new LegendaError(`${name}: a reference system was expected that leads to WGS 84, but ${error.message}`, {
      cause: error,
    });
  }
}

/** Values of GTModelTypeGeoKey. */
const [projected, geographic] = [1, 2];

function define(keys: GeoKeys): readonly [title: string, SystemDefinition] {
  const code = keys['ProjectedCSTypeGeoKey'];
  const base = keys['GeographicTypeGeoKey'];
  const model = keys['GTModelTypeGeoKey'] ?? (code === undefined ? geographic : projected);
  if (code === undefined && base === undefined) throw new GeoKeyError('its geo keys name none');
  if (model === geographic) {
    const system = geographicSystem(keys);
    return [base === userDefined ? 'user-defined' : `EPSG:${base}`, system];
  }
  if (model !== projected) {
    throw new GeoKeyError(
      `GTModelTypeGeoKey: ${projected} (projected) or ${geographic} (geographic) was expected, ${model} came`,
    );
  }
  if (typeof code !== 'number' || code === userDefined) return ['user-defined', projectedSystem(keys)];
  const system = epsgSystem(code);
  if (!system) throw new GeoKeyError(`EPSG:${code} is not a system whose way to WGS 84 is known`);
  return [`EPSG:${code}`, withUnit(system, keys)];
}

/** A unit of the file's own takes the place of the system's, as in GDAL: false eastings stay where they are. */
function withUnit(system: SystemDefinition, keys: GeoKeys): SystemDefinition {
  const unit = keys['ProjLinearUnitsGeoKey'];
  if (unit === undefined || unit === 0 || system.definition.includes('+proj=longlat')) return system;
  const definition = system.definition.replace(/ \+(?:to_meter|units)=\S+/, '');
  return { ...system, definition, scale: linearUnit(keys) };
}

function build(title: string, { definition, scale, operations }: SystemDefinition): ReferenceSystem {
  const geographic = definition.includes('+proj=longlat');
  const wayOf = (shift: string): DatumWay => {
    const way = converter(shift === '' ? definition : `${definition} +towgs84=${shift}`);
    return {
      toWgs84: ([x, y]) => {
        const [longitude, latitude] = way.forward([x * scale, y * scale]);
        // proj4 turns longitudes of other datums back to ±180
        const turns = geographic ? Math.round((x * scale - longitude) / 360) : 0;
        return [longitude + 360 * turns, latitude];
      },
      fromWgs84: ([longitude, latitude]) => {
        const [x, y] = way.inverse([longitude, latitude]);
        return [x / scale, y / scale];
      },
    };
  };
  const plain = wayOf('');
  return {
    title,
    geographic,
    toGeographic: plain.toWgs84,
    datumAt: (longitude, latitude) => wayOf(chooseOperation(operations, longitude, latitude).shift),
  };
}

type Convert = (position: [number, number]) => [number, number];

/** proj4's, which throws at what is not finite, and for some projections outside of what they can project. */
function converter(definition: string): { readonly forward: Convert; readonly inverse: Convert } {
  const safe =
    (convert: (position: [number, number], enforceAxis: boolean) => [number, number]): Convert =>
    (position) => {
      try {
        return convert(position, true);
      } catch {
        return [Number.NaN, Number.NaN];
      }
    };
  try {
    const { forward, inverse } = proj4(definition, 'WGS84');
    return { forward: safe(forward), inverse: safe(inverse) };
  } catch (error) {
    throw new GeoKeyError(`${definition} cannot be computed (${error instanceof Error ? error.message : error})`);
  }
}
