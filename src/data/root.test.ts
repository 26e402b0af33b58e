import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { dataRoot } from './root.js';

test.each([
  ['what is given comes first', 'given', { LEGENDA_DATA: '/env' }, 'linux', resolve('given')],
  ['then LEGENDA_DATA', undefined, { LEGENDA_DATA: '/env', XDG_CACHE_HOME: '/xdg' }, 'linux', resolve('/env')],
  ['then the cache folder', undefined, { LEGENDA_DATA: '', XDG_CACHE_HOME: '/xdg' }, 'linux', join('/xdg', 'legenda')],
  ['which has a default', undefined, {}, 'linux', join(homedir(), '.cache', 'legenda')],
  ['and macOS’s own', undefined, {}, 'darwin', join(homedir(), 'Library', 'Caches', 'legenda')],
  ['and Windows’s own', undefined, { LOCALAPPDATA: 'L' }, 'win32', join('L', 'legenda', 'Cache')],
] as const)('data root: %s', (_, given, env, platform, expected) => {
  expect(dataRoot(given, env, platform)).toBe(expected);
});
