// A process for jobs, one after the other: told what to do by its parent, and gone with it.
import { FolderHeld } from '../../data/hold-folder.js';
import { LegendaError, UsageError } from '../../errors.js';
import { type Answer, aliveEvery, type JobOrder, type Order } from './protocol.js';

const answer = (message: Answer): void => {
  process.send?.(message);
};

// Ctrl-C, and the end of a service, reach the whole group of processes: the parent hears it too, and says what to do
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(1));
setInterval(() => answer({ type: 'alive' }), aliveEvery).unref();

let interrupt = new AbortController();

process.on('message', (order: Order) => {
  if (order.type === 'interrupt') interrupt.abort();
  else void perform(order);
});

async function perform(order: JobOrder): Promise<void> {
  interrupt = new AbortController();
  const { signal } = interrupt;
  try {
    if (order.type === 'shard') {
      const { performShard } = await import('./perform-shard.js');
      await performShard(order, signal, answer);
      answer({ type: 'ended' });
    } else {
      const { performTrial } = await import('./perform-trial.js');
      await performTrial(order, signal, answer);
      // a training that hears the signal saves, and then ends as any other
      answer({ type: signal.aborted ? 'interrupted' : 'ended' });
    }
  } catch (error) {
    if (signal.aborted && error === signal.reason) answer({ type: 'interrupted' });
    else if (error instanceof LegendaError) answer({ type: 'failed', message: error.message, reason: reasonOf(error) });
    else throw error;
  }
}

function reasonOf(error: LegendaError): 'usage' | 'held' | 'other' {
  if (error instanceof FolderHeld) return 'held';
  return error instanceof UsageError ? 'usage' : 'other';
}
