import { availableParallelism } from 'node:os';
import { UsageError } from '../../errors.js';
import type { Board } from '../../queue/job.js';
import { warn } from './output.js';

export interface BoardOptions {
  /** Address of Redis; processes of this machine when left out or empty. */
  readonly queue?: string | undefined;
  /** Processes; as many as there are cores when left out. */
  readonly jobs?: number | undefined;
}

/** @throws UsageError when both are given */
export function checkBoard({ queue, jobs }: BoardOptions): void {
  if (queue && jobs !== undefined)
    throw new UsageError(
      "--jobs and --queue exclude each other: workers say themselves how many jobs they do at once (where LEGENDA_QUEUE is set, --queue '' is none)",
    );
}

/** The address of Redis, where there must be one. @throws UsageError when there is none */
export function addressOf({ queue }: BoardOptions): string {
  if (queue) return queue;
  throw new UsageError('--queue (or LEGENDA_QUEUE): the address of Redis is expected, such as redis://HOST:6379');
}

/** What to say of an interrupted command whose jobs are in a queue. @param dir the folder of its output */
export const leftInQueue = (dir: string): string =>
  `interrupted; what is in the queue goes on (legenda jobs cancel ${dir} ends it), and the same command waits for it again`;

/** Where a command's jobs are given out. @throws LegendaError saying why Redis cannot be used */
export async function openBoard({ queue, jobs = availableParallelism() }: BoardOptions): Promise<Board> {
  if (!queue) {
    const { LocalBoard } = await import('../../queue/local-board.js');
    return new LocalBoard(jobs);
  }
  const { RedisBoard } = await import('../../queue/redis/redis-board.js');
  return RedisBoard.open(queue, warn);
}
