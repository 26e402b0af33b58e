import type { Work } from './worker.js';

/** A worker for one thing; with it goes all of its memory. */
export const startWorker = (work: Work): Worker =>
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: work });
