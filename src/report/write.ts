import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../files.js';
import { toPng } from './figures/png.js';
import type { RenderedReport } from './reproduction.js';

export interface WriteOptions {
  readonly onWarning?: (text: string) => void;
}

/**
 * Writes a report into a folder: `index.html`, `report.md`, `figures/*.svg` and beside each its `.png`, `tables/*.csv`,
 * `tables/*.json` and a `run.json` by run below `runs/`, each
 * whole or not at all, and the page last.
 *
 * @param onWarning is told of a figure that could not be drawn as PNG: the report goes without
 * @returns the path of the page
 * @throws LegendaError naming the file that cannot be written
 */
export async function writeReport(
  dir: string,
  { html, markdown, figures, tables, runs }: RenderedReport,
  { onWarning }: WriteOptions = {},
): Promise<string> {
  await writeFigures(join(dir, 'figures'), figures, { ...(onWarning && { onWarning }) });
  for (const [name, { csv, json }] of Object.entries(tables)) {
    await writeFileAtomic(join(dir, 'tables', `${name}.csv`), csv);
    await writeFileAtomic(join(dir, 'tables', `${name}.json`), json);
  }
  for (const [name, record] of Object.entries(runs)) await writeRecord(join(dir, 'runs', name), record);
  await writeFileAtomic(join(dir, 'report.md'), markdown);
  const page = join(dir, 'index.html');
  await writeFileAtomic(page, html);
  return page;
}

/**
 * Writes figures by name, each as SVG and as PNG.
 * @throws LegendaError naming the file that cannot be written
 */
export async function writeFigures(
  dir: string,
  figures: Readonly<Record<string, string>>,
  { onWarning }: WriteOptions = {},
): Promise<void> {
  for (const [name, svg] of Object.entries(figures)) {
    const path = join(dir, name);
    await writeFileAtomic(`${path}.svg`, svg);
    await writePng(`${path}.png`, svg, onWarning);
  }
}

/** Not into a run of that name, which may be where a report was written between runs. */
async function writeRecord(dir: string, record: string): Promise<void> {
  const isRun = await stat(join(dir, 'events.jsonl')).then(
    () => true,
    () => false,
  );
  if (!isRun) await writeFileAtomic(join(dir, 'run.json'), record);
}

async function writePng(path: string, svg: string, onWarning: WriteOptions['onWarning']): Promise<void> {
  let png: Buffer;
  try {
    png = await toPng(svg);
  } catch (error) {
    onWarning?.(`${path} cannot be drawn: ${(error as Error).message}`);
    // One of another report must not stay beside the new drawing.
    return rm(path, { force: true });
  }
  return writeFileAtomic(path, png);
}
