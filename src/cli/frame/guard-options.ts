import { type Command, Option } from 'commander';
import type { GuardOptions } from '../../serve/http/guard.js';

/** The options of commands that listen. */
export interface GuardFlags {
  readonly host: string;
  readonly token?: string;
  readonly allowHost: readonly string[];
  readonly allowOrigin: readonly string[];
}

const again = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `--host`, `--token`, `--allow-host` and `--allow-origin`. */
export const addGuardOptions = (command: Command): Command =>
  command
    .option('--host <address>', 'address to listen on; others than loopback need a token', '127.0.0.1')
    .addOption(new Option('--token <text>', 'what every request must show').env('LEGENDA_TOKEN'))
    .addOption(
      new Option('--allow-host <name>', 'a name of this machine that requests may use (again for more)')
        .default([], 'localhost and addresses')
        .argParser(again),
    )
    .addOption(
      new Option(
        '--allow-origin <origin>',
        'pages elsewhere that may ask, such as https://example.org (again for more)',
      )
        .default([], 'none')
        .argParser(again),
    );

export const guardFrom = ({ host, token, allowHost, allowOrigin }: GuardFlags): GuardOptions => ({
  ...{ host, token, allowedHosts: allowHost, allowedOrigins: allowOrigin },
});
