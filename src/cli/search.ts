import { Command, InvalidArgumentError } from 'commander';
import type { Bounds } from '../archive/row.js';
import type { FoundTile } from '../archive/search/find.js';
import type { SearchResult } from '../archive/search/search.js';
import { onInterrupt } from './frame/interrupt.js';
import { jsonOption, wholeNumber } from './frame/options.js';
import { note, paint, print, printJson } from './frame/output.js';
import { formatTable } from './frame/table.js';
import { startProgress } from './progress.js';

interface Options {
  readonly class?: string;
  readonly bounds?: Bounds;
  readonly limit: number;
  readonly page?: string;
  readonly json?: boolean;
}

export function searchCommand(): Command {
  return new Command('search')
    .description('find tiles of a described archive by the words of their captions')
    .argument('<dir>', 'an archive that was described')
    .argument('<query>', 'words, the more of them in a caption the better; in double quotes, as they are')
    .option('--class <name>', 'only tiles of this class')
    .option(
      '--bounds <west,south,east,north>',
      'only tiles that touch this part of the world, in degrees; west of 180 to east of it where west is larger',
      parseBounds,
    )
    .option('--limit <n>', 'the most tiles that are given, the best', wholeNumber(1, 1000), 20)
    .option('--page <file>', 'write the tiles with their pictures into a page there')
    .addOption(jsonOption())
    .action(search);
}

async function search(dir: string, text: string, options: Options): Promise<void> {
  const { searchArchive } = await import('../archive/search/search.js');
  const { limit, class: className, bounds, page, json } = options;
  using interrupt = onInterrupt();
  using progress = startProgress({ label: 'shards', total: 0 });
  const onProgress = (done: number, total: number) => progress.update(done, '', total);
  const { signal } = interrupt;
  const result = await searchArchive(dir, text, { limit, className, bounds, signal, onNote: note, onProgress });
  progress.stop();
  if (page !== undefined) await writePage(page, { dir, text, options, result });
  if (json) printJson(result.tiles.map(asJson));
  else if (result.tiles.length > 0) print(tableOf(result.tiles));
  note(summary(result, options));
}

/** Without what is for people. */
const asJson = ({ pieces: _, ...tile }: FoundTile) => tile;

interface Searched {
  readonly dir: string;
  readonly text: string;
  readonly options: Options;
  readonly result: SearchResult;
}

async function writePage(path: string, { dir, text, options, result }: Searched): Promise<void> {
  const { writeSearchPage } = await import('../archive/search/page/write-page.js');
  const { commandLine } = await import('../report/format.js');
  const { class: className, bounds, limit } = options;
  const words = [
    ...['search', dir, text],
    ...(className === undefined ? [] : ['--class', className]),
    ...(bounds === undefined ? [] : ['--bounds', bounds.join(',')]),
    ...['--limit', String(limit), '--page', path],
  ];
  const command = commandLine('legenda', ...words);
  await writeSearchPage(path, { text, archive: dir, result, className, bounds, command });
  note(`page: ${path}`);
}

function tableOf(tiles: readonly FoundTile[]): string {
  const any = (key: 'window' | 'class') => tiles.some((tile) => tile[key] !== undefined);
  const columns: [string, (tile: FoundTile) => string][] = [
    ['IMAGE', ({ image }) => image.replace(/\p{Cc}/gu, '?')],
    ...(any('window') ? [['WINDOW', ({ window }) => window?.join(',') ?? ''] as (typeof columns)[number]] : []),
    ...(any('class') ? [['CLASS', (tile) => tile.class ?? ''] as (typeof columns)[number]] : []),
    ['CAPTION', ({ pieces }) => pieces.map(({ text, marked }) => (marked ? paint('bold', text) : text)).join('')],
  ];
  return formatTable(
    columns.map(([title]) => title),
    tiles.map((tile) => columns.map(([, cell]) => cell(tile))),
  );
}

/** What was found, for people. */
function summary({ tiles, complete, total, query, classes, places }: SearchResult, options: Options): string {
  const { class: name, bounds } = options;
  const number = (value: number) => value.toLocaleString('en');
  if (classes !== undefined) {
    const there = classes.length === 0 ? 'it has none' : `it has ${classes.slice(0, 30).join(', ')}`;
    return `nothing found: the archive has no class "${name}", ${there}${classes.length > 30 ? ', …' : ''}`;
  }
  if (places && !places.any) return 'nothing found: no tile of the archive has a position';
  if (places && !places.there) return `nothing found: no tile touches ${bounds!.join(',')}`;
  const several = query.words.length + query.phrases.length > 1;
  if (total === 0) {
    const which = `${name === undefined ? '' : ` of class "${name}"`}${bounds === undefined ? '' : ' within the bounds'}`;
    return `nothing found: no caption${which} has ${several ? 'what was asked for' : 'this word'}`;
  }
  const shown = tiles.length < total ? `; the best ${number(tiles.length)} are shown` : '';
  const found = `${number(total)} ${total === 1 ? 'tile' : 'tiles'}`;
  return `${found}${several && complete < total ? `, ${number(complete)} with all the words` : ''}${shown}`;
}

function parseBounds(text: string): Bounds {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [west, south, east, north] = values as [number, number, number, number];
  const within = (value: number, most: number) => value >= -most && value <= most;
  const isValid =
    values.length === 4 && within(west, 180) && within(east, 180) && within(south, 90) && within(north, 90);
  if (!isValid || south > north) {
    throw new InvalidArgumentError(
      'Expected west,south,east,north in degrees, from -180 to 180 and from -90 to 90, south below north.',
    );
  }
  return [west, south, east, north];
}
