import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeFileError } from '../files.js';
import { type Archive, shardFile } from './open-archive.js';

/** Numbers of the shards that are described. @throws LegendaError when the folder cannot be read */
export async function describedShards(archive: Archive): Promise<Set<number>> {
  const folder = dirname(shardFile(archive, 0));
  const names = await readdir(folder).catch((error) => {
    throw describeFileError(error, `cannot read the folder ${folder}`);
  });
  const isShard = new RegExp(`^(\\d{6,})\\.${archive.manifest.output}$`);
  return new Set(names.flatMap((name) => (isShard.exec(name) ? [Number.parseInt(name, 10)] : [])));
}
