/**
 * What needs Node: the native runtime, data sets, run folders, recipes and reports.
 * @packageDocumentation
 */
export { BatchSource, evaluationBatches } from './data/batches.js';
export type { ImageClassificationSet, LabelledImages } from './data/dataset.js';
export { type FashionMnistOptions, loadFashionMnist, loadFashionMnistSample } from './data/fashion-mnist.js';
export { dataRoot } from './data/root.js';
export { splitIndices } from './data/split.js';
export { configure } from './recipes/configure.js';
export { evaluateTrained } from './recipes/evaluate-run.js';
export { openTrained, type TrainedModel } from './recipes/open-run.js';
export type { Recipe } from './recipes/recipe.js';
export { type NewRun, resumeRun, startRun } from './recipes/run-recipe.js';
export { bestOf, type SweepPlan, sweep, type TrialResult } from './recipes/sweep.js';
export { recipeNamed, recipes } from './recipes/table.js';
export { readWeights, type Weights } from './recipes/weights.js';
export { fromRuns } from './report/from-runs.js';
export { renderReproduction } from './report/reproduction.js';
export { writeReport } from './report/write.js';
export { type NodeRuntimeOptions, nodeRuntime } from './runtime/node.js';
export { loadCheckpoint, saveCheckpoint } from './train/checkpoint.js';
export {
  type ClassifierFitOptions,
  type ClassifierFitResult,
  fitClassifier,
  type Training,
} from './train/classifier.js';
export { readEvents, runState } from './train/events.js';
export type { FitOptions, FitResult, Trained } from './train/fit.js';
export { openRun, type RunRecord } from './train/record.js';
