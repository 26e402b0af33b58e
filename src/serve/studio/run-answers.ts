import { join } from 'node:path';
import { convolutionFilters, type FilterBank } from '../../explain/filters/filters.js';
import { readFileBounded } from '../../files.js';
import { openTrained } from '../../recipes/open-run.js';
import { loadCheckpoint } from '../../train/checkpoint.js';
import { exportModel } from '../../train/export.js';
import type { RunRecord } from '../../train/record.js';
import { inferenceParameters } from '../../train/step-graph.js';
import type { RunProgress } from './run-history.js';
import type { IndexedRun } from './run-index.js';

/** A run as pages have it. */
export interface RunAnswer {
  readonly id: string;
  readonly name: string;
  readonly sweep: string | null;
  readonly kind: 'classifier' | 'captioner';
  readonly select: 'last' | 'best';
  readonly recipe: string;
  readonly title: string;
  readonly seed: number;
  readonly configuration: RunRecord['configuration'];
  readonly parameters: number;
  readonly dataset: string;
  readonly sample: boolean;
  readonly created: string;
  /** Epochs that it is to have; null where the configuration does not say. */
  readonly epochs: number | null;
  readonly threads: number;
  readonly device: string;
  /** Whether it is one that this studio began, and goes on. */
  readonly own: boolean;
  readonly progress: RunProgress;
}

export function runAnswer(run: IndexedRun, own: boolean): RunAnswer {
  const { id, name, sweep, kind, select, record, history } = run;
  const { recipe, title, seed, configuration, parameters, dataset, created, machine } = record;
  const { epochs } = configuration;
  return {
    ...{ id, name, sweep: sweep ?? null, kind, select, recipe, title, seed, configuration, parameters, created, own },
    ...{ dataset: dataset.name, sample: dataset.sample, threads: machine.threads, device: machine.device },
    epochs: typeof epochs === 'number' ? epochs : null,
    progress: history.progress,
  };
}

/** The most filters of a layer that pages are shown. */
const mostFilters = 64;

/** The filters of a run's first convolution, as its last checkpoint has them. @returns none before the first checkpoint */
export async function filtersOf({ dir }: IndexedRun): Promise<readonly FilterBank[]> {
  const checkpoint = await loadCheckpoint(dir, 'last');
  if (checkpoint === undefined) return [];
  const [first] = convolutionFilters(inferenceParameters(checkpoint.tensors));
  return first === undefined ? [] : [{ ...first, kernels: first.kernels.slice(0, mostFilters) }];
}

/** A classifier as ONNX: of its file where it has ended, else of its last checkpoint. @throws LegendaError before the first */
export async function modelOf({ dir, history }: IndexedRun): Promise<Uint8Array> {
  const { state } = history.progress;
  if (state === 'done' || state === 'stopped-early') return readFileBounded(join(dir, 'model.onnx'), maxModelBytes);
  const { model, recipe, parameters } = await openTrained(dir, 'last');
  return exportModel(model, recipe.image, parameters);
}

const maxModelBytes = 2 ** 30;
