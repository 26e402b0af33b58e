import { note } from './frame/output.js';
import { formatBytes, type Progress, startProgress } from './progress.js';

/** Listeners for loading a data set: a bar a file on standard error, and notes between. */
export function dataProgress(): Disposable & {
  readonly listeners: {
    readonly onProgress: (what: string, done: number, total: number) => void;
    readonly onNote: (text: string) => void;
  };
} {
  let label = '';
  let bar: Progress | undefined;
  return {
    listeners: {
      onProgress(what, done, total) {
        if (what !== label) {
          bar?.stop();
          label = what;
          bar = startProgress({ label, total, format: total === 100 ? (percent) => `${percent} %` : formatBytes });
        }
        bar?.update(done, '', total);
      },
      onNote: note,
    },
    [Symbol.dispose]: () => bar?.stop(),
  };
}
