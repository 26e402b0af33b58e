/** What a process apart is told: jobs, one after the other, and perhaps to stop. */
export type Order =
  | {
      readonly type: 'shard';
      /** The archive's folder. */
      readonly archive: string;
      readonly shard: number;
    }
  | { readonly type: 'interrupt' };

export type JobOrder = Exclude<Order, { type: 'interrupt' }>;

/** The archive or run that a job works in. */
export const folderOf = (order: JobOrder): string => order.archive;

/** What it answers: how far a job is, from 0 to 1, and at last how it ended. */
export type Answer =
  | { readonly type: 'share'; readonly share: number }
  | { readonly type: 'ended' }
  /** Stopped because it was told to. */
  | { readonly type: 'interrupted' }
  /** Of a LegendaError; `usage` of a UsageError, which no other try will mend. */
  | { readonly type: 'failed'; readonly message: string; readonly usage: boolean };
