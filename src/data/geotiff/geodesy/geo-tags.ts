import { globals } from 'geotiff';
import type { Directory } from '../tiff/directory.js';

/** A geo key's value: a code or number, several, or text. */
export type GeoKeyValue = number | string | readonly number[];

/** Geo keys by their names in OGC GeoTIFF 1.1 (`ProjectedCSTypeGeoKey` and others by those of GeoTIFF 1.0). */
export type GeoKeys = Readonly<Record<string, GeoKeyValue>>;

/** What a GeoTIFF says of where it is (OGC GeoTIFF 1.1). */
export interface GeoTags {
  /** Size of a pixel along x, y and z in the units of the reference system; empty where it is not said. */
  readonly pixelScale: readonly number[];
  /** Six values a point: column, row, 0, x, y, z. */
  readonly tiePoints: readonly number[];
  /** A matrix of four rows from column, row, 0, 1 to x, y, z, 1. */
  readonly transformation: readonly number[];
  readonly keys: GeoKeys;
}

const tags = { pixelScale: 33550, tiePoints: 33922, transformation: 34264, keys: 34735, doubles: 34736, text: 34737 };

/** Far more than reference systems need. */
const mostValues = 65_536;

/** @throws LegendaError naming the file whose geo keys lead nowhere */
export async function readGeoTags(directory: Directory): Promise<GeoTags> {
  return {
    pixelScale: await directory.values(tags.pixelScale, 'ModelPixelScale', mostValues),
    tiePoints: await directory.values(tags.tiePoints, 'ModelTiepoint', mostValues),
    transformation: await directory.values(tags.transformation, 'ModelTransformation', mostValues),
    keys: await readKeys(directory),
  };
}

async function readKeys(directory: Directory): Promise<GeoKeys> {
  const entries = await directory.values(tags.keys, 'GeoKeyDirectory', mostValues);
  const doubles = await directory.values(tags.doubles, 'GeoDoubleParams', mostValues);
  const text = String.fromCharCode(...(await directory.values(tags.text, 'GeoAsciiParams', mostValues)));
  const names: Readonly<Record<number, string>> = globals.geoKeyNames;
  const keys: Record<string, GeoKeyValue> = {};
  for (let i = 0; i < (entries[3] ?? 0); i++) {
    const [id, place, count, value] = entries.slice(4 + 4 * i, 8 + 4 * i);
    if (value === undefined) throw directory.file.damaged(`${entries[3]} geo keys were expected, ${i} came`);
    const name = names[id!] ?? `GeoKey${id}`;
    if (place === 0) keys[name] = value;
    else if (place === tags.text) keys[name] = text.slice(value, value + count!).replace(/\|?\0*$/, '');
    else {
      const values = (place === tags.doubles ? doubles : place === tags.keys ? entries : []).slice(
        value,
        value + count!,
      );
      if (values.length !== count || count === 0) throw directory.file.damaged(`geo key ${name} leads nowhere`);
      keys[name] = count === 1 ? values[0]! : values;
    }
  }
  return keys;
}
