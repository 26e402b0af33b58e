import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { LegendaError } from '../../errors.js';

/** A file of the built page. */
export interface PageFile {
  readonly type: string;
  /** Whether its name changes with its content. */
  readonly lasting: boolean;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  // compressed, whatever a server would make of a name that ends in .gz
  '.bin': 'application/octet-stream',
};

/**
 * The files of the built page by path (`/index.html`): only what is listed here is ever served.
 * @throws LegendaError when the page has not been built
 */
export async function pageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.flatMap((entry): (readonly [string, PageFile])[] => {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) return [];
    const path = join(entry.parentPath, entry.name);
    const name = `/${relative(folder, path).split(sep).join('/')}`;
    return [
      [name, { type, lasting: name.startsWith('/assets/'), read: async () => new Uint8Array(await readFile(path)) }],
    ];
  });
  if (!files.some(([name]) => name === '/index.html'))
    throw new LegendaError(`the studio's page is not in ${folder}: \`npm run build\` makes it`);
  return new Map(files);
}
