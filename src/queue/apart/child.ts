// A process for jobs, one after the other: told what to do by its parent, and gone with it.

import { describeShard } from '../../archive/describe/describe-shard.js';
import { Describer } from '../../archive/describe/describer.js';
import { type Archive, openArchive } from '../../archive/open-archive.js';
import { LegendaError, UsageError } from '../../errors.js';
import { openNodeRuntime } from '../../runtime/open-node.js';
import type { Answer, JobOrder, Order } from './protocol.js';

const answer = (message: Answer): void => {
  process.send?.(message);
};

// Ctrl-C reaches the whole group of processes: the parent hears it too, and says what to do
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));

let interrupt = new AbortController();

process.on('message', (order: Order) => {
  if (order.type === 'interrupt') interrupt.abort();
  else void perform(order);
});

async function perform(order: JobOrder): Promise<void> {
  interrupt = new AbortController();
  const { signal } = interrupt;
  try {
    const { archive, describer } = await openedFor(order.archive);
    await describeShard(archive, describer, order.shard, {
      signal,
      onShare: (share) => answer({ type: 'share', share }),
    });
    answer({ type: 'ended' });
  } catch (error) {
    if (signal.aborted && error === signal.reason) answer({ type: 'interrupted' });
    else if (error instanceof LegendaError)
      answer({ type: 'failed', message: error.message, usage: error instanceof UsageError });
    else throw error;
  }
}

/** The archive that was worked on last: compiling its networks takes longer than many a shard. */
let opened: { readonly dir: string; readonly archive: Archive; readonly describer: Describer } | undefined;

async function openedFor(dir: string): Promise<NonNullable<typeof opened>> {
  if (opened?.dir === dir) return opened;
  await opened?.describer[Symbol.asyncDispose]();
  opened = undefined;
  const archive = await openArchive(dir);
  const { threads, device } = archive.manifest;
  const describer = await Describer.open(archive, await openNodeRuntime({ threads, device }));
  opened = { dir, archive, describer };
  return opened;
}
