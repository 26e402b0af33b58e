import { writeFileSync } from 'node:fs';
import { writeArrayBuffer } from 'geotiff';

/** Where a small GeoTIFF is: the position of its upper left corner and the size of its pixels, or a matrix; and its geo keys. */
export interface GeoTiffInit {
  readonly corner?: readonly [x: number, y: number];
  readonly pixel?: readonly [width: number, height: number];
  readonly transformation?: readonly number[];
  readonly keys: Readonly<Record<string, number | readonly number[]>>;
  /** Pixels each way, 10 by default. */
  readonly side?: number;
}

/** Writes a grey GeoTIFF of a few pixels. */
export function writeGeoTiff(path: string, init: GeoTiffInit): string {
  const { corner: [x, y] = [0, 0], pixel: [width, height] = [1, 1], transformation, keys, side = 10 } = init;
  const place = transformation
    ? { ModelTransformation: [...transformation] }
    : { ModelPixelScale: [width, height, 0], ModelTiepoint: [0, 0, 0, x, y, 0] };
  const metadata = { width: side, height: side, GTRasterTypeGeoKey: 1, ...place, ...keys };
  writeFileSync(path, Buffer.from(writeArrayBuffer(new Uint8Array(side * side), metadata as never)));
  return path;
}

/** Geo keys of a projected or geographic system of EPSG. */
export const epsg = (code: number, geographic = false): Record<string, number> =>
  geographic
    ? { GTModelTypeGeoKey: 2, GeographicTypeGeoKey: code }
    : { GTModelTypeGeoKey: 1, ProjectedCSTypeGeoKey: code };
