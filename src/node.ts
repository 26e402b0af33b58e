/**
 * What needs Node: the native runtime, data sets, run folders, recipes and reports.
 * @packageDocumentation
 */
export { readShard } from './archive/read-shard.js';
export type { TileRow } from './archive/row.js';
export { type SearchOptions, type SearchResult, searchArchive } from './archive/search/search.js';
export { captionSizes, type DrawnStep, type DrawOptions, drawStep } from './bench/drawn-step.js';
export { type ProfileOptions, profileStep } from './bench/profile/profile-step.js';
export type { Shares } from './bench/profile/shares.js';
export { type StepCost, type TimeOptions, timeStep, timeSteps } from './bench/time-step.js';
export { type FashionMnistOptions, loadFashionMnist, loadFashionMnistSample } from './data/fashion-mnist.js';
export { footprint } from './data/geotiff/footprint.js';
export { type Georeference, georeferenceOf } from './data/geotiff/georeference.js';
export { type Mosaic, type MosaicOptions, openMosaic } from './data/geotiff/open-mosaic.js';
export { type Tiling, type Window, windowAt, windowCount, windowsOf } from './data/geotiff/windows.js';
export { dataRoot } from './data/root.js';
export type { FilterBank } from './explain/filters/filters.js';
export { readOnnxFile } from './models/onnx-file.js';
export { type CaptionImagesOptions, captionImages, type ImageCaptions } from './recipes/caption-images.js';
export { configure } from './recipes/configure.js';
export { evaluateTrained } from './recipes/evaluate-run.js';
export type { CaptionerManifest } from './recipes/export-captioner.js';
export { openCaptioner, type TrainedCaptioner } from './recipes/open-captioner.js';
export { openTrained, type TrainedModel } from './recipes/open-run.js';
export { prepareCaptioner } from './recipes/prepare-captioner.js';
export type { CaptionerRecipe, ClassifierRecipe, Recipe } from './recipes/recipe.js';
export { beginRun, continueRun, openUnfinished, type Prepared, type RunOptions } from './recipes/run.js';
export { type NewRun, prepareClassifier, resumeRun, startRun } from './recipes/run-recipe.js';
export type { ImageSources } from './recipes/show-set.js';
export type { Halving, RandomSearch, SweepPlan } from './recipes/sweep/plan.js';
export { sweep } from './recipes/sweep/sweep.js';
export { bestOf, type RungResult, type SweepTable, type TrialResult } from './recipes/sweep/table.js';
export { recipeNamed, recipes } from './recipes/table.js';
export { readWeights, type Weights } from './recipes/weights.js';
export { fromRuns } from './report/from-runs.js';
export { renderReproduction } from './report/reproduction.js';
export { writeReport } from './report/write.js';
export { type NodeRuntime, type NodeRuntimeOptions, nodeRuntime } from './runtime/node.js';
export { type DeviceChoice, type OpenNodeOptions, openNodeRuntime } from './runtime/open-node.js';
export type { RunAnswer } from './serve/studio/run-answers.js';
export { type CaptionResult, type CaptionTraining, captionStep, captionTask } from './train/captioner.js';
export { loadCheckpoint, saveCheckpoint } from './train/checkpoint.js';
export {
  type ClassifierFitOptions,
  type ClassifierFitResult,
  fitClassifier,
  type Training,
} from './train/classifier.js';
export type { EvaluationFile } from './train/evaluation-file.js';
export { readEvents, runState } from './train/events.js';
export type { FitOptions, FitResult, Trained } from './train/fit.js';
export { openRun, type RunRecord } from './train/record.js';
