import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const version = versionOf('gdalinfo');

/** Whether GDAL's programs are on the path (Debian's `gdal-bin`). */
export const hasGdal = version !== undefined;

/** What a skipped test adds to its name. */
export const withoutGdal = hasGdal ? '' : ' (skipped: no gdalinfo on the path; Debian’s gdal-bin has it)';

/** PROJ's database; its grids lie beside it. */
const database = [process.env['PROJ_LIB'], process.env['PROJ_DATA'], '/usr/share/proj', '/usr/local/share/proj']
  .map((folder) => folder && join(folder, 'proj.db'))
  .find((path) => path && existsSync(path));

/**
 * Whether GDAL is the one that expectations are of: others have other versions of the EPSG dataset, and may take other
 * operations between datums.
 */
export const hasGdal36 = version?.startsWith('GDAL 3.6.') === true && database !== undefined;
export const withoutGdal36 = hasGdal36
  ? ''
  : ` (skipped: GDAL 3.6 with its proj.db is expected, ${version ?? 'none'} is here)`;

function versionOf(program: string): string | undefined {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

interface Run {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program of GDAL's and gives what it prints. */
export function gdal(program: string, args: readonly string[], { input = '', env }: Run = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'utf8', ...(env && { env }) } as const;
    const child = execFile(program, args, options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    child.stdin?.end(input);
  });
}

/** Longitudes and latitudes of positions in an image's pixels, as GDAL has them where PROJ has no grids. */
export async function toWgs84(path: string, pixels: readonly (readonly number[])[]): Promise<number[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'legenda-proj-'));
  try {
    symlinkSync(database!, join(folder, 'proj.db'));
    const env = { ...process.env, PROJ_LIB: folder, PROJ_DATA: folder, PROJ_NETWORK: 'OFF' };
    const input = pixels.map((pixel) => pixel.join(' ')).join('\n');
    const printed = await gdal('gdaltransform', ['-t_srs', 'EPSG:4326', '-output_xy', path], { input, env });
    const lines = printed.trim().split('\n');
    return lines.map((line) => line.split(' ').map(Number));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** [height, width, bands]. */
  readonly samples: Uint8Array | Uint16Array;
}

/** Writes samples as they are, with a header that GDAL reads. */
export function writeRaster(path: string, { width, height, bands, samples }: Raster): void {
  const kind = samples instanceof Uint16Array ? 12 : 1;
  const header = `ENVI\nsamples = ${width}\nlines = ${height}\nbands = ${bands}\nheader offset = 0\nfile type = ENVI Standard
data type = ${kind}\ninterleave = bip\nbyte order = 0\n`;
  writeFileSync(path, samples);
  writeFileSync(`${path}.hdr`, header);
}

/** What GDAL reads of a window, all bands. */
export async function readRaster(
  path: string,
  window: readonly number[],
  options: readonly string[] = [],
): Promise<Raster> {
  const folder = mkdtempSync(join(tmpdir(), 'legenda-gdal-'));
  try {
    const out = join(folder, 'out.raw');
    const to = ['-of', 'ENVI', '-co', 'INTERLEAVE=BIP', out];
    await gdal('gdal_translate', ['-q', '-srcwin', ...window.map(String), ...options, path, ...to]);
    const bytes = new Uint8Array(readFileSync(out));
    const [, , width, height] = window as [number, number, number, number];
    const wide = /data type = 12/.test(readFileSync(join(folder, 'out.hdr'), 'utf8'));
    const samples = wide ? new Uint16Array(bytes.buffer) : bytes;
    return { width, height, bands: samples.length / width / height, samples };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
