import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportCaptionerRun } from '../../recipes/export-captioner.js';
import { openCaptioner } from '../../recipes/open-captioner.js';
import { Problem } from '../http/problem.js';
import type { IndexedRun } from './run-index.js';

/** The files of an exported captioner. */
export const captionerFiles = ['captioner.json', 'look.onnx', 'say.onnx'] as const;

interface Exported {
  /** Of what the run had saved. */
  readonly key: string;
  readonly dir: Promise<string>;
}

/** Exports of a run that are kept: a page may still read the last but one. */
const kept = 2;

/** Captioners as pages run them, exported when they are asked for, anew when their runs have saved again. */
export class ExportedCaptioners {
  readonly #exports = new Map<string, readonly Exported[]>();

  /**
   * @param key of the export that the file is to be of; the newest when left out
   * @throws LegendaError when the run has no checkpoint yet, or its encoder is not there; Problem when that export is gone
   */
  async read(
    run: IndexedRun,
    file: (typeof captionerFiles)[number],
    key?: string,
  ): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly key: string }> {
    const found = key === undefined ? this.#newest(run) : this.#of(run).find((exported) => exported.key === key);
    if (found === undefined) throw new Problem(409, 'the run has gone on meanwhile: choose it again');
    return { bytes: new Uint8Array(await readFile(join(await found.dir, file))), key: found.key };
  }

  async removeAll(): Promise<void> {
    await Promise.all([...this.#exports.values()].flat().map(remove));
    this.#exports.clear();
  }

  #of({ id }: IndexedRun): readonly Exported[] {
    return this.#exports.get(id) ?? [];
  }

  #newest(run: IndexedRun): Exported {
    const { saved, state } = run.history.progress;
    const key = `${saved ?? 0}-${state}`;
    const before = this.#of(run);
    const last = before.at(-1);
    if (last?.key === key) return last;
    const exported = { key, dir: exportRun(run) };
    // one that failed is tried again
    exported.dir.catch(() =>
      this.#exports.set(
        run.id,
        this.#of(run).filter((other) => other !== exported),
      ),
    );
    const all = [...before, exported];
    this.#exports.set(run.id, all.slice(-kept));
    for (const old of all.slice(0, -kept)) void remove(old);
    return exported;
  }
}

async function exportRun(run: IndexedRun): Promise<string> {
  const trained = await openCaptioner(run.dir);
  const dir = await mkdtemp(join(tmpdir(), 'legenda-studio-'));
  try {
    await exportCaptionerRun(trained, dir);
    return dir;
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

const remove = ({ dir }: Exported): Promise<void> =>
  dir.then(
    (path) => rm(path, { recursive: true, force: true }),
    () => {},
  );
