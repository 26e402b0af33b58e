import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeatureCollection, Polygon } from 'geojson';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { describeScene } from '../../src/data/scenes/describe.js';
import { renderScene } from '../../src/data/scenes/render.js';
import { legenda } from '../support/cli.js';
import { rowsOf, smallCaptioner } from '../support/described.js';
import { hasGdal, withoutGdal } from '../support/gdal.js';
import { inFolder } from '../support/training.js';

/** A mosaic of 2 × 3 scenes of 64 pixels, the last row and column cut at 60. */
async function writeMosaic(path: string): Promise<void> {
  const scenes = await Promise.all(
    Array.from({ length: 6 }, async (_, i) => {
      const { width, height, pixels } = await renderScene(describeScene(5, i), 64);
      const raw = { width, height, channels: 3 } as const;
      return { input: Buffer.from(pixels), raw, left: (i % 3) * 64, top: Math.floor(i / 3) * 64 };
    }),
  );
  const whole = sharp({ create: { width: 192, height: 128, channels: 3, background: 'black' } }).composite(scenes);
  const cut = sharp(await whole.png().toBuffer()).extract({ left: 0, top: 0, width: 188, height: 124 });
  await cut.png().toFile(path);
}

const systems = ['EPSG:28356', 'EPSG:32633', 'EPSG:3857', 'EPSG:2154', 'EPSG:4326'] as const;
const corners = {
  'EPSG:28356': [334000, 6252000, 334094, 6251938],
  'EPSG:32633': [500000, 4649776, 500094, 4649714],
  'EPSG:3857': [-1017529, 4693838, -1017435, 4693776],
  'EPSG:2154': [652000, 6862000, 652094, 6861938],
  'EPSG:4326': [12.5, 41.9, 12.5188, 41.8876],
} as const;

test.skipIf(!hasGdal)(
  `tiles of mosaics are captioned as images cut by GDAL are, and lie where GDAL says${withoutGdal}`,
  async () => {
    await inFolder(async (root) => {
      const run = await smallCaptioner(join(root, 'run'));
      const picture = join(root, 'picture.png');
      await writeMosaic(picture);
      for (const system of systems) {
        const mosaic = join(root, `${system.slice(5)}.tif`);
        const place = ['-a_srs', system, '-a_ullr', ...corners[system].map(String)];
        const layout = ['-co', 'COMPRESS=DEFLATE', ...(system === 'EPSG:3857' ? ['-co', 'TILED=YES'] : [])];
        execFileSync('gdal_translate', ['-q', ...place, ...layout, picture, mosaic]);
        const out = join(root, system.slice(5));
        const args = ['describe', mosaic, '--run', run, '--out', out, '--tile', '64', '--overlap', '8', '--jobs', '1'];
        const result = await legenda([...args, '--shard', '5']);
        expect(result.status, result.stderr).toBe(0);

        const rows = rowsOf(out);
        const windows = rows.map(({ window }) => window!);
        expect(windows).toEqual([0, 56, 60].flatMap((y) => [0, 56, 112, 124].map((x) => [x, y, 64, 64])));
        const features = [0, 1, 2].flatMap((shard) => {
          const text = readFileSync(join(out, 'shards', `00000${shard}.geojson`), 'utf8');
          return (JSON.parse(text) as FeatureCollection<Polygon>).features;
        });
        expect(features.map(({ properties }) => properties)).toEqual(rows.map(({ bounds: _, ...row }) => row));
        // upper left, lower left, lower right, upper right
        const pixels = windows.flatMap(([x, y]) => [
          [x, y],
          [x, y + 64],
          [x + 64, y + 64],
          [x + 64, y],
        ]);
        const told = execFileSync('gdaltransform', ['-t_srs', 'EPSG:4326', '-output_xy', mosaic], {
          input: pixels.map((pixel) => pixel.join(' ')).join('\n'),
          encoding: 'utf8',
        });
        const expected = told
          .trim()
          .split('\n')
          .map((line) => line.split(' ').map(Number));
        const came = features.flatMap(({ geometry }) => geometry.coordinates[0]!.slice(0, 4));
        expect(came).toHaveLength(expected.length);
        for (const [i, position] of came.entries())
          for (const axis of [0, 1]) expect(Math.abs(position[axis]! - expected[i]![axis]!)).toBeLessThan(1e-6);
        for (const [i, { bounds }] of rows.entries()) {
          const [ring] = features[i]!.geometry.coordinates as [number[][]];
          expect(bounds).toEqual(
            [0, 1]
              .map((axis) => Math.min(...ring.map((position) => position[axis]!)))
              .concat([0, 1].map((axis) => Math.max(...ring.map((position) => position[axis]!)))),
          );
        }
      }

      const tile = join(root, 'tile.png');
      execFileSync('gdal_translate', [
        '-q',
        '-of',
        'PNG',
        '-srcwin',
        '124',
        '56',
        '64',
        '64',
        join(root, '28356.tif'),
        tile,
      ]);
      const { stdout } = await legenda(['caption', run, tile, '--threads', '1']);
      const row = rowsOf(join(root, '28356')).find(({ window }) => window!.join() === '124,56,64,64');
      expect(stdout).toBe(`${tile}\t${row!.caption}\n`);

      await sharp(picture).tiff().toFile(join(root, 'nowhere.tif'));
      const nowhere = await legenda([
        'describe',
        join(root, 'nowhere.tif'),
        '--run',
        run,
        '--out',
        join(root, 'x'),
        '--tile',
        '64',
      ]);
      expect(nowhere.status).toBe(2);
      expect(nowhere.stderr).toMatch(
        /nowhere\.tif: a georeference was expected .*; --no-footprints describes it without\n$/,
      );
      writeFileSync(join(root, 'text.tif'), 'a text');
      const text = await legenda([
        'describe',
        join(root, 'text.tif'),
        '--run',
        run,
        '--out',
        join(root, 'y'),
        '--tile',
        '64',
      ]);
      expect(text).toMatchObject({ status: 1, stderr: expect.stringContaining('text.tif') });
    });
  },
  120_000,
);

test.skipIf(!hasGdal)(
  `of a folder of mosaics, one that is damaged is a tile that fails; images have footprints when asked${withoutGdal}`,
  async () => {
    await inFolder(async (root) => {
      const run = await smallCaptioner(join(root, 'run'));
      const picture = join(root, 'picture.png');
      await writeMosaic(picture);
      const folder = join(root, 'mosaics');
      execFileSync('mkdir', [folder]);
      const place = ['-a_srs', 'EPSG:32633', '-a_ullr', ...corners['EPSG:32633'].map(String)];
      execFileSync('gdal_translate', ['-q', ...place, picture, join(folder, 'b.tif')]);
      writeFileSync(join(folder, 'a.tif'), readFileSync(join(folder, 'b.tif')).subarray(0, 100));
      const out = join(root, 'out');
      const result = await legenda(['describe', folder, '--run', run, '--out', out, '--tile', '128', '--jobs', '1']);
      expect(result, result.stderr).toMatchObject({ status: 0 });
      const rows = rowsOf(out);
      expect(rows.map(({ image, window }) => [image, window])).toEqual([
        ['a.tif', undefined],
        ['b.tif', [0, 0, 128, 124]],
        ['b.tif', [60, 0, 128, 124]],
      ]);
      expect(rows[0]!.error).toMatch(/^a\.tif/);
      const whole = join(root, 'whole');
      const images = await legenda(['describe', folder, '--run', run, '--out', whole, '--footprints', '--jobs', '1']);
      expect(images.status, images.stderr).toBe(0);
      const [wrong, right] = rowsOf(whole);
      expect(wrong).toMatchObject({ image: 'a.tif', error: expect.any(String) });
      expect(right).toMatchObject({ image: 'b.tif', caption: expect.any(String), bounds: expect.any(Array) });
    });
  },
  120_000,
);
