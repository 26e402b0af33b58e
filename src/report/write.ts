import { join } from 'node:path';
import { writeFileAtomic } from '../files.js';
import type { RenderedReport } from './reproduction.js';

/**
 * Writes a report into a folder: `index.html`, `report.md`, `figures/*.svg`, `tables/*.csv` and `tables/*.json`, each
 * whole or not at all, and the page last.
 *
 * @returns the path of the page
 * @throws LegendaError naming the file that cannot be written
 */
export async function writeReport(dir: string, { html, markdown, figures, tables }: RenderedReport): Promise<string> {
  for (const [name, svg] of Object.entries(figures)) await writeFileAtomic(join(dir, 'figures', `${name}.svg`), svg);
  for (const [name, { csv, json }] of Object.entries(tables)) {
    await writeFileAtomic(join(dir, 'tables', `${name}.csv`), csv);
    await writeFileAtomic(join(dir, 'tables', `${name}.json`), json);
  }
  await writeFileAtomic(join(dir, 'report.md'), markdown);
  const page = join(dir, 'index.html');
  await writeFileAtomic(page, html);
  return page;
}
