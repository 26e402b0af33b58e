/** The queue's name; its keys begin with "bull:legenda:", as tools that show BullMQ's queues expect. */
export const queueName = 'legenda';

/** Milliseconds before the second attempt; twice that before the third. */
export const backoff = 2000;

/** Seconds after which a job whose worker has gone silent is another's. */
export const defaultLease = 30;

/** Workers may be killed this often during one job: whatever breaks the process of a job itself is counted as an attempt. */
export const mostLosses = 1000;

/** Where cancelled jobs are called out to workers; the message is the job's id. */
export const cancelChannel = 'legenda:cancel';

/** A job that was cancelled fails with this reason. */
export const cancelled = 'cancelled';
