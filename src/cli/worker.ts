import { hostname } from 'node:os';
import { Command } from 'commander';
import { addressOf } from './frame/board.js';
import { onInterrupt } from './frame/interrupt.js';
import { queueOption, wholeNumber } from './frame/options.js';
import { note, warn } from './frame/output.js';

interface Options {
  readonly queue?: string;
  readonly jobs: number;
  readonly lease: number;
}

export function workerCommand(): Command {
  return new Command('worker')
    .description('do jobs of sweeps and archives that others give; Ctrl-C gives back what is being done')
    .addOption(queueOption('where jobs are'))
    .option('--jobs <n>', 'jobs at once, a process each', wholeNumber(1, 1024), 1)
    .option('--lease <seconds>', 'after which a job of a silent worker is another’s', wholeNumber(1, 3600), 30)
    .action(workUntilInterrupted);
}

async function workUntilInterrupted({ queue, jobs, lease }: Options): Promise<void> {
  const url = addressOf({ queue });
  const { work } = await import('../queue/redis/work.js');
  const { shownAddress } = await import('../queue/redis/connect.js');
  using interrupt = onInterrupt(['SIGINT', 'SIGTERM', 'SIGHUP']);
  const name = `${hostname()}:${process.pid}`;
  await work({
    url,
    jobs,
    lease,
    name,
    signal: interrupt.signal,
    onReady: () => note(`${name} listens at ${shownAddress(url)}, ${jobs} ${jobs === 1 ? 'job' : 'jobs'} at once`),
    onBegin: ({ id }) => note(`${id} …`),
    onEnd: ({ id }, error) => note(`${id} ${error ? `failed: ${error.message}` : 'done'}`),
    onNote: warn,
  });
  // what is kept open to a Redis that is away would keep the process
  process.exit();
}
