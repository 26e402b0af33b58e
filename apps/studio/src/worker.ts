// The page's worker, whose name says what it is for: one file, so that the engine is in it once.
import type * as captions from './captions/caption.js';
import type * as training from './designer/train.js';

export type Work = 'train' | 'caption';

const works: Readonly<Record<Work, () => Promise<typeof captions | typeof training>>> = {
  train: () => import('./designer/train.js'),
  caption: () => import('./captions/caption.js'),
};

const loading = works[self.name as Work]();
addEventListener('message', ({ data }) => {
  loading.then(
    ({ hear }) => (hear as (order: unknown) => void)(data),
    ({ message }) => postMessage({ type: 'failed', message }),
  );
});
