import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { LegendaError, UsageError } from '../../errors.js';
import { stopProgress } from '../progress.js';
import { Interrupted } from './interrupt.js';
import { note } from './output.js';

/** Builds a command; nothing heavy may be imported by doing so. */
export type CommandBuilder = () => Command;

/**
 * Runs the command line.
 * @param argv the arguments after the program's name
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted
 */
export async function run(builders: readonly CommandBuilder[], argv: readonly string[]): Promise<number> {
  quietWhenReaderIsGone();
  process.on('SIGINT', endUnlessHandled);
  try {
    await programOf(builders).parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    stopProgress();
    return reportError(error);
  }
}

function programOf(builders: readonly CommandBuilder[]): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const program = new Command('legenda')
    .description('Train, compare and explain image classifiers and captioners.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .exitOverride()
    .showHelpAfterError('(--help lists what is accepted)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'legenda: ')) });
  for (const build of builders) program.addCommand(build());
  inheritSettings(program);
  return program;
}

/** `addCommand` does not hand settings down, unlike `command`. */
function inheritSettings(parent: Command): void {
  for (const child of parent.commands) {
    child.copyInheritedSettings(parent);
    inheritSettings(child);
  }
}

function reportError(error: unknown): number {
  // Commander has printed its own message; help and version arrive here with status 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Interrupted || (error instanceof Error && error.name === 'AbortError')) {
    note(`legenda: ${error instanceof Interrupted ? error.message : 'interrupted'}`);
    return 130;
  }
  if (error instanceof LegendaError) {
    note(`legenda: ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  note(`legenda: an error that was not expected, please report it:\n${stack}`);
  return 1;
}

/** Ctrl-C in a command that does not listen for it (see `onInterrupt`). */
function endUnlessHandled(): void {
  if (process.listenerCount('SIGINT') > 1) return;
  stopProgress();
  process.exit(130);
}

/** `legenda … | head`: not an error, and no work is worth going on with; what would save at Ctrl-C saves. */
function quietWhenReaderIsGone(): void {
  let isGone = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isGone) return;
    if (error.code === 'EPIPE') {
      isGone = true;
      // what can be interrupted saves first
      if (process.listeners('SIGINT').every((listener) => listener === endUnlessHandled)) process.exit(0);
      process.emit('SIGINT');
      return;
    }
    note(`legenda: what is printed cannot be written: ${error.message}`);
    process.exit(1);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
