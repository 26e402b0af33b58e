/** A small captioner and tiles for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TileRow } from '../../src/archive/row.js';
import { legenda, settings, snapshot } from './cli.js';

/** Trains in seconds; its captions differ from tile to tile. */
export async function smallCaptioner(dir: string): Promise<string> {
  const small = { scenes: 60, side: 32, channels: [8, 12, 16], embedding: 24, hidden: 32, epochs: 2, lr: 0.003 };
  const trained = await legenda(['train', 'captioner', ...settings(small), '--threads', '1', '--out', dir]);
  expect(trained.status, trained.stderr).toBe(0);
  return dir;
}

/** Files of an archive by content. */
export const contentOf = (dir: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(snapshot(dir)).flatMap(([name, value]) => {
      const content = value.split(' ').at(-1)!;
      return content === 'folder' ? [] : [[name, content]];
    }),
  );

/** Rows of an archive in JSON Lines, in order. */
export const rowsOf = (dir: string): TileRow[] =>
  Object.keys(contentOf(dir))
    .filter((name) => /^shards\/\d+\.jsonl$/.test(name))
    .sort()
    .flatMap((name) => readFileSync(join(dir, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line));
