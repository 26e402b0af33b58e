import type { DataListeners } from '../queue/apart/trial-source.js';
import { note } from './frame/output.js';
import { amountOfBytes, type Progress, startProgress } from './progress.js';

const formats = { bytes: amountOfBytes, percent: () => '', images: undefined } as const;

/** Listeners for loading a data set: a bar a file on standard error, and notes between. */
export function dataProgress(): Disposable & { readonly listeners: DataListeners } {
  let label = '';
  let bar: Progress | undefined;
  return {
    listeners: {
      onProgress({ what, done, total, unit }) {
        if (what !== label) {
          bar?.stop();
          label = what;
          const format = formats[unit];
          bar = startProgress({ label, total, ...(format && { format }) });
        }
        bar?.update(done, '', total);
      },
      onNote: note,
    },
    [Symbol.dispose]: () => bar?.stop(),
  };
}
