import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { LegendaError } from '../../errors.js';
import { selectionOf } from '../../recipes/configure.js';
import { recipeNamed } from '../../recipes/table.js';
import { openRun, type RunRecord } from '../../train/record.js';
import { RunHistory } from './run-history.js';

/** A run that was found. Pages call it by its id alone: no path of a request is ever opened. */
export interface IndexedRun {
  readonly id: string;
  readonly dir: string;
  /** As people know it: below the folder that was given. */
  readonly name: string;
  /** The folder that it shares with the other trials of its sweep; undefined for a run of its own. */
  readonly sweep: string | undefined;
  readonly record: RunRecord;
  readonly kind: 'classifier' | 'captioner';
  /** Which parameters its configuration selects. */
  readonly select: 'last' | 'best';
  readonly history: RunHistory;
  /** When its record was written: a folder may become another run's. */
  readonly written: number;
}

/** How deep runs lie below a folder that is given: sweeps of reproductions are `runs/RECIPE/TRIAL`. */
const deepest = 4;

/** The run folders below some folders, found again whenever it is asked. */
export class RunIndex {
  readonly #roots: readonly string[];
  readonly #runs = new Map<string, IndexedRun>();
  #updating: Promise<void> | undefined;

  /** @param roots folders that may not be there yet */
  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  get runs(): IndexedRun[] {
    return [...this.#runs.values()];
  }

  /** @returns undefined where there is no such run */
  find(id: string): IndexedRun | undefined {
    return this.#runs.get(id);
  }

  /** Looks for runs that have come or gone, and reads what has happened in those that are there. Who asks meanwhile, waits along. */
  update(): Promise<void> {
    this.#updating ??= this.#update().finally(() => {
      this.#updating = undefined;
    });
    return this.#updating;
  }

  async #update(): Promise<void> {
    const found = new Map<string, { dir: string; root: string; sweep: boolean }>();
    for (const root of this.#roots) {
      const real = await realpath(root).catch(() => undefined);
      if (real !== undefined)
        for await (const { dir, sweep } of runsBelow(real)) found.set(idOf(dir), { dir, sweep, root: real });
    }
    for (const id of this.#runs.keys()) if (!found.has(id)) this.#runs.delete(id);
    for (const [id, { dir, root, sweep }] of found) {
      const written = await writtenAt(dir);
      if (this.#runs.get(id)?.written !== written) {
        this.#runs.delete(id);
        const run = await openIndexed({ id, dir, root, sweep, written });
        if (run) this.#runs.set(id, run);
      }
      await this.#runs.get(id)?.history.update();
    }
  }
}

const idOf = (dir: string): string => createHash('sha256').update(dir).digest('hex').slice(0, 16);

async function* runsBelow(dir: string, depth = 0): AsyncGenerator<{ readonly dir: string; readonly sweep: boolean }> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const names = entries.map(({ name }) => name);
  if (names.includes('run.json')) {
    yield { dir, sweep: false };
    return;
  }
  if (depth === deepest) return;
  const isSweep = names.includes('sweep.json');
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    for await (const run of runsBelow(join(dir, entry.name), depth + 1)) yield isSweep ? { ...run, sweep: true } : run;
  }
}

const writtenAt = (dir: string): Promise<number> =>
  stat(join(dir, 'run.json')).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** @returns undefined for what is no run of a recipe that this version knows */
async function openIndexed({
  id,
  dir,
  root,
  sweep,
  written,
}: {
  readonly id: string;
  readonly dir: string;
  readonly root: string;
  readonly sweep: boolean;
  readonly written: number;
}): Promise<IndexedRun | undefined> {
  try {
    const record = await openRun(dir);
    const recipe = recipeNamed(record.recipe);
    const name = relative(root, dir).split(sep).join('/') || basename(dir);
    return {
      ...{ id, dir, name, record, kind: recipe.kind, select: selectionOf(recipe, record.configuration) },
      sweep: sweep ? name.split('/').slice(0, -1).join('/') || basename(root) : undefined,
      history: new RunHistory(dir),
      written,
    };
  } catch (error) {
    if (error instanceof LegendaError) return undefined;
    throw error;
  }
}
