// node bench/idle-worker.js URL JOBS: a worker as `legenda worker` is one, whose jobs are nothing.
import { work } from '../dist/queue/redis/work.js';

const [url, jobs] = process.argv.slice(2);
await work({
  url,
  jobs: Number(jobs),
  name: 'idle',
  signal: new AbortController().signal,
  performer: () => ({ perform: async () => 'ended', [Symbol.dispose]() {} }),
});
