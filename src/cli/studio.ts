import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { addGuardOptions, type GuardFlags, guardFrom } from './frame/guard-options.js';
import { onInterrupt } from './frame/interrupt.js';
import { dataOption, jsonOption, wholeNumber } from './frame/options.js';
import { note, print, printJson } from './frame/output.js';

interface Options extends GuardFlags {
  readonly export?: string;
  readonly port: number;
  readonly data?: string;
  readonly json?: boolean;
}

export function studioCommand(): Command {
  const command = new Command('studio')
    .description('a page to watch runs learn, to begin them, and to play with networks')
    .argument('[folders...]', 'folders with runs; new ones are put into the first', ['runs'])
    .option('--export <dir>', 'write the page with these runs there as a site of files, and end')
    .option('--port <n>', 'port to listen on; 0 for a free one', wholeNumber(0, 65535), 8094);
  return addGuardOptions(command).addOption(dataOption()).addOption(jsonOption()).action(studio);
}

async function studio(folders: readonly string[], options: Options): Promise<void> {
  if (options.export !== undefined) return exportSite(folders, options.export, options);
  const { startStudio } = await import('../serve/studio/start.js');
  using interrupt = onInterrupt(['SIGINT', 'SIGTERM', 'SIGHUP']);
  const guard = guardFrom(options);
  const { url, until } = await startStudio({
    roots: folders as [string, ...string[]],
    guard,
    port: options.port,
    command: [process.execPath, fileURLToPath(new URL('./main.js', import.meta.url))],
    trainOptions: options.data === undefined ? [] : ['--data', options.data],
    onError: (error) => note(`legenda: ${error instanceof Error ? error.stack : error}`),
  });
  if (options.json) printJson({ url }, { oneLine: true });
  note(`the studio is open on ${url}${guard.token === undefined ? '' : '/?token=…'}; Ctrl-C ends it and its trainings`);
  await until(interrupt.signal);
}

async function exportSite(folders: readonly string[], dir: string, { json }: Options): Promise<void> {
  const { exportStudio } = await import('../serve/studio/export.js');
  const { builtPages } = await import('../serve/studio/start.js');
  const { runs, left } = await exportStudio(folders, builtPages, dir);
  for (const line of left) note(`left out: ${line}`);
  if (json) printJson({ dir, runs, left });
  else print(`${dir}: the studio with ${runs.length} run${runs.length === 1 ? '' : 's'}; any server of files will do`);
}
