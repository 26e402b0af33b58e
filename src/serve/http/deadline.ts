import { Problem } from './problem.js';

export interface Deadline extends Disposable {
  /** Aborted with a Problem when the time is up, and when the client has gone. */
  readonly signal: AbortSignal;
}

/** @param gone aborted when the client has gone */
export function deadline(seconds: number, gone: AbortSignal): Deadline {
  const controller = new AbortController();
  const late = new Problem(503, `not answered within ${seconds} s`, { 'retry-after': '1' });
  const timer = setTimeout(() => controller.abort(late), seconds * 1000);
  const leave = () => controller.abort(new Problem(499, 'the client has gone'));
  if (gone.aborted) leave();
  gone.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      gone.removeEventListener('abort', leave);
    },
  };
}
