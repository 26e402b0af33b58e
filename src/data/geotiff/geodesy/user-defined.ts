import { toProj4 } from 'geotiff-geokeys-to-proj4';
import type { DatumOperation } from './datum-operation.js';
import { bare, epsgSystem, type SystemDefinition } from './epsg-table.js';
import type { GeoKeys } from './geo-tags.js';

/** A key's value that says: see the other keys. */
export const userDefined = 32767;

/** A key and the PROJ parameter that it gives: an angle, a length or a number. */
type Parameter = readonly [name: string, kind: 'angle' | 'length' | 'number', ...keys: string[]];

const latitude: Parameter = [
  'lat_0',
  'angle',
  'ProjNatOriginLatGeoKey',
  'ProjCenterLatGeoKey',
  'ProjFalseOriginLatGeoKey',
];
const longitude: Parameter = [
  'lon_0',
  'angle',
  'ProjNatOriginLongGeoKey',
  'ProjCenterLongGeoKey',
  'ProjFalseOriginLongGeoKey',
];
const scale: Parameter = ['k_0', 'number', 'ProjScaleAtNatOriginGeoKey', 'ProjScaleAtCenterGeoKey'];
const parallel1: Parameter = ['lat_1', 'angle', 'ProjStdParallel1GeoKey'];
const parallel2: Parameter = ['lat_2', 'angle', 'ProjStdParallel2GeoKey'];
const trueScale: Parameter = ['lat_ts', 'angle', 'ProjStdParallel1GeoKey'];
const easting: Parameter = [
  'x_0',
  'length',
  'ProjFalseEastingGeoKey',
  'ProjCenterEastingGeoKey',
  'ProjFalseOriginEastingGeoKey',
];
const northing: Parameter = [
  'y_0',
  'length',
  'ProjFalseNorthingGeoKey',
  'ProjCenterNorthingGeoKey',
  'ProjFalseOriginNorthingGeoKey',
];
const origin = [latitude, longitude, easting, northing];
const oblique: readonly Parameter[] = [
  ...[latitude, easting, northing, scale],
  ['lonc', 'angle', 'ProjCenterLongGeoKey'],
  ['alpha', 'angle', 'ProjAzimuthAngleGeoKey'],
  ['gamma', 'angle', 'ProjRectifiedGridAngleGeoKey', 'ProjAzimuthAngleGeoKey'],
];

/** By ProjCoordTransGeoKey: PROJ's name and the parameters. */
const methods: Readonly<Record<number, readonly [proj: string, ...parameters: Parameter[]]>> = {
  1: ['tmerc', ...origin, scale],
  3: ['omerc +no_uoff', ...oblique],
  7: ['merc', longitude, easting, northing, scale, trueScale],
  8: ['lcc', ...origin, parallel1, parallel2],
  9: ['lcc', ...origin, scale, ['lat_1', 'angle', 'ProjNatOriginLatGeoKey']],
  10: ['laea', ...origin],
  11: ['aea', ...origin, parallel1, parallel2],
  12: ['aeqd', ...origin],
  13: ['eqdc', ...origin, parallel1, parallel2],
  14: ['stere', ...origin, scale],
  16: ['sterea', ...origin, scale],
  17: ['eqc', ...origin, trueScale],
  18: ['cass', ...origin],
  22: ['poly', ...origin],
  24: ['sinu', longitude, easting, northing],
  28: ['cea', longitude, easting, northing, trueScale],
  9815: ['omerc', ...oblique],
};

const polarStereographic = 15;

/** Metres. */
const lengths: Readonly<Record<number, number>> = {
  9001: 1,
  9002: 0.3048,
  9003: 1200 / 3937,
  9005: 0.3047972654,
  9036: 1000,
  9094: 0.304799710181509,
  9095: 0.3048007491,
};

/** Degrees. */
const angles: Readonly<Record<number, number>> = {
  9101: 180 / Math.PI,
  9102: 1,
  9103: 1 / 60,
  9104: 1 / 3600,
  9105: 0.9,
  9106: 0.9,
};

/** What is wrong with geo keys. */
export class GeoKeyError extends Error {}

/** Metres of a unit of length, 1 where none is said. @throws GeoKeyError where it is not known */
export const linearUnit = (keys: GeoKeys): number =>
  unit(keys, 'ProjLinearUnitsGeoKey', 'ProjLinearUnitSizeGeoKey', lengths) ?? 1;

/** Degrees of a unit of angle, 1 where none is said. @throws GeoKeyError where it is not known */
const angularUnit = (keys: GeoKeys): number => {
  // a size is in radians
  const own = keys['GeogAngularUnitsGeoKey'] === userDefined ? 180 / Math.PI : 1;
  return (unit(keys, 'GeogAngularUnitsGeoKey', 'GeogAngularUnitSizeGeoKey', angles) ?? 1) * own;
};

function unit(keys: GeoKeys, name: string, size: string, known: Readonly<Record<number, number>>): number | undefined {
  const code = keys[name];
  if (code === undefined || code === 0) return undefined;
  const value = code === userDefined ? keys[size] : known[code as number];
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
  throw new GeoKeyError(`${name}: one of ${Object.keys(known).join(', ')} was expected, ${code} came`);
}

/** A geographic system: one of EPSG, or an ellipsoid with a prime meridian and a datum shift. */
export function geographicSystem(keys: GeoKeys): SystemDefinition {
  const code = keys['GeographicTypeGeoKey'];
  const known = typeof code === 'number' ? epsgSystem(code) : undefined;
  if (known) return known;
  if (code === undefined) throw new GeoKeyError('it says no geographic system');
  if (code !== userDefined) {
    throw new GeoKeyError(`EPSG:${code} is not a system whose way to WGS 84 is known`);
  }
  const parts = Object.entries(keys).filter(([name]) => /^Geog(?!Citation|TOWGS84)/.test(name));
  const { proj4 } = toProj4(Object.fromEntries(parts));
  if (!/ \+a=\d/.test(proj4)) throw new GeoKeyError('its ellipsoid is not said');
  return { definition: bare(proj4), scale: angularUnit(keys), operations: [shiftOf(keys)] };
}

/** The datum shift that the keys say, or none: what GDAL calls a ballpark. */
function shiftOf(keys: GeoKeys): DatumOperation {
  const shift = keys['GeogTOWGS84GeoKey'];
  const said = Array.isArray(shift) && (shift.length === 3 || shift.length === 7);
  return { shift: said ? shift.join(',') : '', area: [-180, -90, 180, 90], accuracy: -1 };
}

/**
 * A projection whose parameters the keys say, on any geographic system.
 * @throws GeoKeyError naming what is missing or not known
 */
export function projectedSystem(keys: GeoKeys): SystemDefinition {
  const { definition, operations } = geographicSystem(keys);
  const datum = definition.replace(/\+proj=\S+ ?/, '');
  return { definition: `${projection(keys)} ${datum}`, scale: linearUnit(keys), operations };
}

function projection(keys: GeoKeys): string {
  const zone = utmZone(keys['ProjectionGeoKey']);
  if (zone) return zone;
  const method = keys['ProjCoordTransGeoKey'];
  if (method === polarStereographic) return polar(keys);
  const known = typeof method === 'number' ? methods[method] : undefined;
  if (!known) {
    const expected = [...Object.keys(methods), polarStereographic].join(', ');
    throw new GeoKeyError(`ProjCoordTransGeoKey: one of ${expected} was expected, ${method ?? 'none'} came`);
  }
  const [proj, ...parameters] = known;
  const written = parameters.flatMap((parameter) => {
    const value = read(keys, parameter);
    return value === undefined ? [] : [`+${parameter[0]}=${value}`];
  });
  return [`+proj=${proj}`, ...written].join(' ');
}

/** Conversions 16001 to 16060 and 16101 to 16160 of EPSG. */
function utmZone(code: unknown): string | undefined {
  if (typeof code !== 'number' || code < 16001 || code > 16160) return undefined;
  const zone = code % 100;
  if (zone < 1 || zone > 60) return undefined;
  return `+proj=utm +zone=${zone}${code > 16100 ? ' +south' : ''}`;
}

/** The latitude is the pole where there is a scale at it, or else a standard parallel. */
function polar(keys: GeoKeys): string {
  const at = read(keys, latitude);
  const pole = ['lon_0', 'angle', 'ProjStraightVertPoleLongGeoKey', 'ProjNatOriginLongGeoKey'] as const;
  if (at === undefined || at === 0) throw new GeoKeyError('ProjNatOriginLatGeoKey: a pole or a parallel was expected');
  const side = at > 0 ? 90 : -90;
  const scaled = Math.abs(at) === 90 ? `+k_0=${read(keys, scale) ?? 1}` : `+lat_ts=${at}`;
  const [x, y, lon] = [read(keys, easting), read(keys, northing), read(keys, pole)].map((value) => value ?? 0);
  return `+proj=stere +lat_0=${side} ${scaled} +lon_0=${lon} +x_0=${x} +y_0=${y}`;
}

/** Degrees, metres or a number. */
function read(keys: GeoKeys, [, kind, ...names]: Parameter): number | undefined {
  const value = names.map((name) => keys[name]).find((found) => found !== undefined);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new GeoKeyError(`${names.join(' or ')}: a number was expected`);
  }
  return kind === 'angle' ? value * angularUnit(keys) : kind === 'length' ? value * linearUnit(keys) : value;
}
