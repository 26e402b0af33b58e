import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportCaptionerRun } from '../../recipes/export-captioner.js';
import { openCaptioner } from '../../recipes/open-captioner.js';
import type { IndexedRun } from './run-index.js';

/** The files of an exported captioner. */
export const captionerFiles = ['captioner.json', 'look.onnx', 'say.onnx'] as const;

/** Captioners as pages run them, exported when they are asked for, anew when their runs have gone on. */
export class ExportedCaptioners {
  readonly #exports = new Map<string, { readonly version: number; readonly dir: Promise<string> }>();

  /** @throws LegendaError when the run has no checkpoint yet, or its encoder is not there */
  async read(run: IndexedRun, file: (typeof captionerFiles)[number]): Promise<Uint8Array<ArrayBuffer>> {
    const { version } = run.history;
    const before = this.#exports.get(run.id);
    if (before?.version !== version) {
      const dir = exportRun(run);
      // one that failed is tried again
      dir.catch(() => this.#exports.delete(run.id));
      this.#exports.set(run.id, { version, dir });
      await before?.dir.then(remove, () => {});
    }
    const { dir } = this.#exports.get(run.id)!;
    return new Uint8Array(await readFile(join(await dir, file)));
  }

  async removeAll(): Promise<void> {
    await Promise.all([...this.#exports.values()].map(({ dir }) => dir.then(remove, () => {})));
    this.#exports.clear();
  }
}

async function exportRun(run: IndexedRun): Promise<string> {
  const trained = await openCaptioner(run.dir);
  const dir = await mkdtemp(join(tmpdir(), 'legenda-studio-'));
  await exportCaptionerRun(trained, dir);
  return dir;
}

const remove = (dir: string): Promise<void> => rm(dir, { recursive: true, force: true });
