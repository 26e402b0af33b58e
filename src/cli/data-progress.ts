import type { Transfer } from '../data/obtain.js';
import { note } from './frame/output.js';
import { amountOfBytes, type Progress, startProgress } from './progress.js';

/** Listeners for loading a data set: a bar a file on standard error, and notes between. */
export function dataProgress(): Disposable & {
  readonly listeners: {
    readonly onProgress: (transfer: Transfer) => void;
    readonly onNote: (text: string) => void;
  };
} {
  let label = '';
  let bar: Progress | undefined;
  return {
    listeners: {
      onProgress({ what, done, total, unit }) {
        if (what !== label) {
          bar?.stop();
          label = what;
          bar = startProgress({ label, total, format: unit === 'bytes' ? amountOfBytes : () => '' });
        }
        bar?.update(done, '', total);
      },
      onNote: note,
    },
    [Symbol.dispose]: () => bar?.stop(),
  };
}
