// Writes data/geodesy/epsg.json: `python3 scripts/geodetic-oracle.py > oracle.jsonl && node scripts/geodetic-table.js oracle.jsonl`.
// For each system of the EPSG dataset: the operations to WGS 84 that PROJ may take without grids, and its definition where that of
// geotiff-geokeys-to-proj4 is wrong. A system that neither gives as GDAL does is left out, and so refused.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import toProj4 from 'geotiff-geokeys-to-proj4';
import proj4 from 'proj4';
import { chooseOperation } from '../dist/data/geotiff/geodesy/datum-operation.js';

/** Degrees. */
const tolerance = 1e-6;
const [source] = process.argv.slice(2);
const rows = readFileSync(source, 'utf8').trim().split('\n').map(JSON.parse);

const stepsOf = (pipeline) =>
  pipeline
    .replace('proj=pipeline', '')
    .split(/\bstep\b/)
    .map((step) => step.trim())
    .filter(Boolean)
    .map((step) =>
      Object.fromEntries(step.split(/\s+/).map((word) => (word.includes('=') ? word.split('=') : [word, '']))),
    );

/** A pipeline's datum shift as PROJ's +towgs84; undefined where it is of another kind. */
function shiftOf(steps) {
  const known = ['unitconvert', 'axisswap', 'push', 'pop', 'cart', 'helmert', 'molobadekas', 'longlat', 'noop'];
  const first = steps.findIndex(({ proj }) => proj === 'cart');
  const last = steps.findLastIndex(({ proj }) => proj === 'cart');
  if (steps.some(({ proj }) => ['geogoffset', 'hgridshift', 'gridshift'].includes(proj))) return undefined;
  if (first < 0) return '';
  const total = [0, 0, 0, 0, 0, 0, 0];
  for (const step of steps.slice(first, last)) {
    if (!known.includes(step.proj)) return undefined;
    if (step.proj !== 'helmert' && step.proj !== 'molobadekas') continue;
    const value = (name) => Number(step[name] ?? 0);
    const turn = step.convention === 'coordinate_frame' ? -1 : 1;
    const move = ['x', 'y', 'z'].map(value);
    const rotation = ['rx', 'ry', 'rz'].map((name) => turn * value(name));
    if (step.proj === 'molobadekas') {
      // about a pivot: P + T + m R (X − P), so the rest is a translation
      const pivot = ['px', 'py', 'pz'].map(value);
      const [a, b, c] = rotation.map((seconds) => (seconds * Math.PI) / 648_000);
      const turned = [
        pivot[0] - c * pivot[1] + b * pivot[2],
        c * pivot[0] + pivot[1] - a * pivot[2],
        -b * pivot[0] + a * pivot[1] + pivot[2],
      ];
      for (let i = 0; i < 3; i++) move[i] += pivot[i] - (1 + value('s') * 1e-6) * turned[i];
    }
    const sign = 'inv' in step ? -1 : 1;
    for (const [i, part] of [...move, ...rotation, value('s')].entries()) total[i] += sign * part;
  }
  const written = total.slice(3).some(Boolean) ? total : total.slice(0, 3);
  return written.map((part) => Number(part.toFixed(9))).join(',');
}

/** What a pipeline begins with, as a PROJ string; undefined where it is not a projection alone. */
function definitionOf(steps) {
  let definition = '';
  let unit = '';
  let meridian = '';
  for (const { proj, inv: _, ...rest } of steps) {
    if (proj === 'cart' || proj === 'push' || proj === 'noop') break;
    if (proj === 'axisswap') return undefined;
    if (proj === 'unitconvert') {
      if (definition) break;
      unit = rest.xy_in;
    } else if (proj === 'longlat') meridian = rest.pm ? ` +pm=${rest.pm}` : '';
    else if (definition) return undefined;
    else
      definition = [`+proj=${proj}`, ...Object.entries(rest).map(([k, v]) => (v ? `+${k}=${v}` : `+${k}`))].join(' ');
  }
  if (!definition) return undefined;
  return definition + meridian + (unit ? (Number(unit) ? ` +to_meter=${unit}` : ` +units=${unit}`) : '');
}

/** How far, in degrees, each point is from GDAL's with each operation. */
function errorsOf(definition, scale, operations, points) {
  const ways = operations.map(({ shift }) => proj4(shift ? `${definition} +towgs84=${shift}` : definition, 'WGS84'));
  return points.map(([x, y, longitude, latitude]) =>
    ways.map((way) => {
      const [lon, lat] = way.forward([x * scale, y * scale], true);
      const turn = Math.abs(lon - longitude) % 360;
      const east = Math.min(turn, 360 - turn) * Math.cos((latitude * Math.PI) / 180);
      const error = Math.max(east, Math.abs(lat - latitude));
      return Number.isNaN(error) ? Infinity : error;
    }),
  );
}

/** Drops operations that are never taken, as a better one covers their area. */
function prune(operations) {
  const covers = ([w, s, e, n], [w2, s2, e2, n2]) =>
    s <= s2 && n >= n2 && (w <= -180 && e >= 180 ? true : w <= e && w2 <= e2 && w <= w2 && e >= e2);
  return operations.filter((b, j) =>
    operations.every(
      (a, i) =>
        i === j ||
        !covers(a.area, b.area) ||
        a.accuracy < 0 ||
        (b.accuracy >= 0 && (a.accuracy > b.accuracy || (a.accuracy === b.accuracy && i > j))),
    ),
  );
}

const refused = [];
const operationIndex = new Map();
const systems = new Map();
const definitions = {};
const counts = { exact: 0, elsewhere: 0, refused: 0, own: 0 };
for (const { code, kind, points, operations: found } of rows) {
  if (code > 65_535) continue;
  const all = found
    .map(({ pipeline, area, accuracy }) => ({ shift: shiftOf(stepsOf(pipeline)), area, accuracy }))
    .filter(({ shift }) => shift !== undefined);
  const named = toProj4.toProj4(
    kind === 'projected' ? { ProjectedCSTypeGeoKey: code } : { GeographicTypeGeoKey: code },
  );
  const candidates = [];
  const { x } = named.coordinatesConversionParameters;
  const cleaned = named.proj4
    .replace(/ \+(?:axis|towgs84)=\S+/g, '')
    .replace(' +no_defs', '')
    .trim();
  if (Object.keys(named.errors).length === 0) candidates.push([cleaned, x]);
  const own = found[0] && definitionOf(stepsOf(found[0].pipeline));
  if (own) candidates.push([own, 1]);
  const good = candidates.find(([definition, scale]) => {
    try {
      const errors = errorsOf(definition, scale, all, points);
      return errors.length > 0 && all.length > 0 && errors.every((each) => Math.min(...each) < tolerance);
    } catch {
      return false;
    }
  });
  if (!good) {
    counts.refused++;
    refused.push(code);
    continue;
  }
  const operations = prune(all);
  const errors = errorsOf(...good, operations, points);
  const chosen = points.map(([, , lon, lat]) => operations.indexOf(chooseOperation(operations, lon, lat)));
  counts[errors.every((each, i) => each[chosen[i]] < tolerance) ? 'exact' : 'elsewhere']++;
  if (good[0] === own) {
    counts.own++;
    definitions[code] = own;
  }
  const indices = operations.map(({ shift, area, accuracy }) => {
    const text = [shift, area.join(','), accuracy].join(';');
    if (!operationIndex.has(text)) operationIndex.set(text, operationIndex.size);
    return operationIndex.get(text);
  });
  const key = indices.join(' ');
  systems.set(key, [...(systems.get(key) ?? []), code]);
}

const ranges = (codes) => {
  const out = [];
  for (const code of codes) {
    const last = out.at(-1);
    if (last && code === last[1] + 1) last[1] = code;
    else out.push([code, code]);
  }
  return out.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
};
const table = {
  source: 'EPSG dataset (IOGP) as in PROJ 9.1.1, written by scripts/geodetic-table.js',
  operations: [...operationIndex.keys()],
  systems: [...systems].map(([indices, codes]) => `${indices}: ${ranges(codes)}`),
  definitions,
};
const text = `${JSON.stringify(table, null, 2)}\n`;
mkdirSync('data/geodesy', { recursive: true });
writeFileSync('data/geodesy/epsg.json', text);
console.log(counts, `${text.length} bytes`, `${operationIndex.size} operations`, `${systems.size} groups`);
console.log(`refused: ${ranges(refused)}`);
