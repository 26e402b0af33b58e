// OpenBLAS chooses its kernels by the processor's model, and takes its oldest for one that it does not know: products of a
// PyTorch that came before the processor would run at a fraction of what the library can do there.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environmentWith } from './child.js';

const script = fileURLToPath(new URL('contestants/product_torch.py', import.meta.url));
const tries = 3;

/** Names of OpenBLAS; undefined is its own choice. One that the processor cannot run ends the process, and is out. */
const candidates = [undefined, 'Haswell', 'Zen', 'SkylakeX', 'Cooperlake'];

/** Some environments pin kernels already. */
const unpinned = { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined };

/** @returns {{ kernels: string, gflopPerSecond: number } | undefined} what they are called, and their quickest product */
function timeProduct(python, candidate) {
  const env = environmentWith({ ...unpinned, OPENBLAS_CORETYPE: candidate });
  const { status, stdout } = spawnSync(python, [script], { env, encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

/**
 * @param {string} python one that has PyTorch
 * @returns what to change of the environment for the quickest product of two 1024×1024 matrices, and where that is OpenBLAS's,
 * which kernels and rate are the best, and which it has if left to itself, with `unpinned` as its environment
 */
export function chooseKernels(python) {
  const timed = candidates
    .map((candidate) => {
      const times = Array.from({ length: tries }, () => timeProduct(python, candidate)).filter(Boolean);
      return { candidate, ...times.sort((a, b) => b.gflopPerSecond - a.gflopPerSecond)[0] };
    })
    .filter(({ kernels }) => kernels !== undefined);
  if (timed.length === 0) return { env: unpinned, unpinned };
  const best = timed.reduce((most, each) => (each.gflopPerSecond > 1.05 * most.gflopPerSecond ? each : most));
  return { env: { ...unpinned, OPENBLAS_CORETYPE: best.candidate }, unpinned, left: timed[0], best };
}
