import { ownVersion } from '../../recipes/machine.js';
import type { JobOrder } from '../apart/protocol.js';

/** An order as it is in the queue. */
export interface QueuedOrder {
  readonly order: JobOrder;
  /** Version of who gave it: another may come to other bits. */
  readonly legenda: string;
  readonly cancelled?: boolean;
}

export const queued = (order: JobOrder): QueuedOrder => ({ order, legenda: ownVersion() });

/** Whether a job's data are of this program: others may have put theirs into the queue. */
export function isOrder(data: unknown): data is QueuedOrder {
  const { order } = (data ?? {}) as { order?: { type?: unknown; archive?: unknown; trial?: { dir?: unknown } } };
  if (order?.type === 'shard') return typeof order.archive === 'string';
  return order?.type === 'trial' && typeof order.trial?.dir === 'string';
}

/** Whether a job is for this version of the program. */
export const isForUs = ({ legenda }: QueuedOrder): boolean => legenda === ownVersion();
