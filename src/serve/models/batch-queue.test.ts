import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BatchQueue, type BatchQueueOptions } from './batch-queue.js';

/** A queue whose batches end when they are told to. */
function heldQueue(options: Partial<BatchQueueOptions<string, string>> = {}) {
  const batches: { readonly jobs: readonly string[]; end(error?: Error): void }[] = [];
  const queue = new BatchQueue<string, string>({
    most: 3,
    run: (jobs) =>
      new Promise((resolve, reject) => {
        batches.push({ jobs, end: (error) => (error ? reject(error) : resolve(jobs.map((job) => job.toUpperCase()))) });
      }),
    ...options,
  });
  return { queue, batches };
}

const patient = new AbortController().signal;

it('does what came together in one batch, and what came meanwhile in the next, at most so many', async () => {
  const { queue, batches } = heldQueue();
  const first = queue.ask('a', patient);
  await turn();
  const rest = ['b', 'c', 'd', 'e'].map((job) => queue.ask(job, patient));
  expect(batches.map(({ jobs }) => jobs)).toEqual([['a']]);
  expect(queue.waiting).toBe(4);
  batches[0]!.end();
  expect(await first).toBe('A');
  await turn();
  batches[1]!.end();
  await turn();
  batches[2]!.end();
  expect(await Promise.all(rest)).toEqual(['B', 'C', 'D', 'E']);
  expect(batches.map(({ jobs }) => jobs)).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
  expect(queue.waiting).toBe(0);
});

it('keeps apart what is not alike, in the order of the first of each', async () => {
  const { queue, batches } = heldQueue({ alike: (a, b) => a.length === b.length });
  const asked = ['x', 'yy', 'z', 'ww'].map((job) => queue.ask(job, patient));
  await turn();
  batches[0]!.end();
  await turn();
  batches[1]!.end();
  expect(await Promise.all(asked)).toEqual(['X', 'YY', 'Z', 'WW']);
  expect(batches.map(({ jobs }) => jobs)).toEqual([
    ['x', 'z'],
    ['yy', 'ww'],
  ]);
});

it('forgets a job that is taken back while it waits, not one that is being done', async () => {
  const { queue, batches } = heldQueue();
  const [doing, waiting] = [new AbortController(), new AbortController()];
  const first = queue.ask('a', doing.signal);
  await turn();
  const second = queue.ask('b', waiting.signal);
  waiting.abort(new Error('taken back'));
  await expect(second).rejects.toThrow('taken back');
  expect(queue.waiting).toBe(0);
  doing.abort(new Error('too late'));
  await expect(first).rejects.toThrow('too late');
  batches[0]!.end();
  const third = queue.ask('c', patient);
  await turn();
  await turn();
  expect(batches.map(({ jobs }) => jobs)).toEqual([['a'], ['c']]);
  batches[1]!.end();
  expect(await third).toBe('C');
  await expect(queue.ask('d', AbortSignal.abort(new Error('gone before')))).rejects.toThrow('gone before');
});

it('hands the error of a batch to its jobs alone, and goes on', async () => {
  const { queue, batches } = heldQueue({ most: 1 });
  const [bad, good] = [queue.ask('a', patient), queue.ask('b', patient)];
  await turn();
  batches[0]!.end(new Error('broken'));
  await expect(bad).rejects.toThrow('broken');
  await turn();
  batches[1]!.end();
  expect(await good).toBe('B');
});
