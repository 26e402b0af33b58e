import type { ImageClassificationSet } from '../data/dataset.js';
import type { ExplainedPart } from '../report/data.js';
import { type ComputeOptions, openRuntime } from './frame/runtime.js';

/**
 * What a report says of why a classifier does what it does.
 * @param dir its run; nothing is explained when left out
 * @param beside run of a network without convolutions
 */
export async function explainedPart(
  dir: string | undefined,
  beside: string | undefined,
  data: ImageClassificationSet,
  options: ComputeOptions,
): Promise<ExplainedPart | undefined> {
  if (dir === undefined) return undefined;
  const { explainedRun } = await import('../recipes/explain/explain-run.js');
  const runtime = await openRuntime(options);
  const explanation = await explainedRun(dir, data, runtime);
  const other = beside === undefined ? undefined : await explainedRun(beside, data, runtime);
  return { dir, explanation, beside: other && beside ? { dir: beside, shifts: other.shifts } : undefined };
}
