import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder that holds the data sets, one folder each: the one that is given, else the environment's `LEGENDA_DATA`, else
 * the user's cache folder (`$XDG_CACHE_HOME/legenda` or `~/.cache/legenda`; `~/Library/Caches/legenda` on macOS;
 * `%LOCALAPPDATA%\legenda\Cache` on Windows).
 */
export function dataRoot(
  explicit?: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = explicit || env['LEGENDA_DATA'];
  return chosen ? resolve(chosen) : cacheFolder(env, platform);
}

/** The user's cache folder for this program, wherever the data is: for what can be computed again. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const home = homedir();
  switch (platform) {
    case 'win32':
      return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'legenda', 'Cache');
    case 'darwin':
      return join(home, 'Library', 'Caches', 'legenda');
    default:
      return join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'legenda');
  }
}
