import { describeShard } from '../../archive/describe/describe-shard.js';
import { Describer } from '../../archive/describe/describer.js';
import { type Archive, openArchive } from '../../archive/open-archive.js';
import { UsageError } from '../../errors.js';
import { openNodeRuntime } from '../../runtime/open-node.js';
import type { Answer, ShardOrder } from './protocol.js';

/** Describes a shard. */
export async function performShard(
  order: ShardOrder,
  signal: AbortSignal,
  answer: (message: Answer) => void,
): Promise<void> {
  const { archive, describer } = await openedFor(order);
  const onShare = (share: number) => answer({ type: 'share', share });
  await describeShard(archive, describer, order.shard, { signal, onShare });
}

interface Opened {
  readonly dir: string;
  readonly archive: Archive;
  readonly describer: Describer;
}

/** The archive that was worked on last: compiling its networks takes longer than many a shard. */
let opened: Opened | undefined;

async function openedFor({ archive: dir, sha256 }: ShardOrder): Promise<Opened> {
  if (opened?.dir === dir && opened.archive.sha256 === sha256) return opened;
  await opened?.describer[Symbol.asyncDispose]();
  opened = undefined;
  const archive = await openArchive(dir);
  if (archive.sha256 !== sha256) throw new UsageError(`${dir} is another archive than when this was to be described`);
  const { threads, device } = archive.manifest;
  opened = { dir, archive, describer: await Describer.open(archive, await openNodeRuntime({ threads, device })) };
  return opened;
}
