import { availableParallelism } from 'node:os';
import type { Board } from '../../queue/job.js';
import { warn } from './output.js';

export interface BoardOptions {
  /** Address of Redis; processes of this machine when left out. */
  readonly queue?: string | undefined;
  /** Processes; as many as there are cores when left out. */
  readonly jobs?: number | undefined;
}

/** Where a command's jobs are given out. @throws LegendaError saying why Redis cannot be used */
export async function openBoard({ queue, jobs = availableParallelism() }: BoardOptions): Promise<Board> {
  if (queue === undefined) {
    const { LocalBoard } = await import('../../queue/local-board.js');
    return new LocalBoard(jobs);
  }
  const { RedisBoard } = await import('../../queue/redis/redis-board.js');
  return RedisBoard.open(queue, warn);
}
