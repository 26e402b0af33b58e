/**
 * Legenda's engine and everything above it that runs anywhere: graphs, ops, gradients, passes, ONNX in and out, layers,
 * optimisers, models. `legenda/node` has what needs Node.
 * @packageDocumentation
 */
export { gradients } from './autodiff/gradients.js';
export * from './data/batches.js';
export { type ImageClassificationSet, type LabelledImages, labelledImagesFromIdx } from './data/dataset.js';
export { fashionMnistClasses } from './data/fashion-mnist-classes.js';
export type { PixelMap } from './data/pixels.js';
export { SeveralBatches } from './data/several-batches.js';
export { splitIndices } from './data/split.js';
export { type BeamCaption, type BeamOptions, decodeByBeam } from './decode/beam.js';
export { DecoderSession, type DecoderSessionOptions } from './decode/decoder-session.js';
export { type CaptionerFiles, OnnxCaptioner } from './decode/onnx-captioner.js';
export { decodeBySampling, decodeGreedily, type SampleOptions } from './decode/word-by-word.js';
export type { DecodedCaption, DecodeOptions, NextWords, WordSource } from './decode/word-source.js';
export { LegendaError, UsageError } from './errors.js';
export { attentionEntropy, entropyOf } from './explain/attention/entropy.js';
export { attentionShares, coverOf, wordShare } from './explain/attention/share.js';
export { InputGradients } from './explain/attribution/input-gradients.js';
export * from './explain/attribution/integrated-gradients.js';
export * from './explain/attribution/maximise.js';
export * from './explain/attribution/occlusion.js';
export * from './explain/attribution/saliency.js';
export * from './explain/attribution/scorer.js';
export { accuracyByShift } from './explain/equivariance/accuracy.js';
export { examineEquivariance } from './explain/equivariance/examine.js';
export { convolutionFilters, convolutionsIn } from './explain/filters/filters.js';
export { orientationSelectivity } from './explain/filters/orientation.js';
export { type ExaminedHeads, type ExamineOptions, examineHeads } from './explain/heads/examine.js';
export { type HeadTensors, headsOf, type NamedTensors } from './explain/heads/from-tensors.js';
export { type GenerateOptions, generateHeads } from './explain/heads/generate.js';
export { type AttentionHead, precisionOf } from './explain/heads/head.js';
export { type ExamineLayersOptions, examineLayers } from './explain/layers/examine.js';
export { type Layer, LayerOutputs } from './explain/layers/layer-outputs.js';
export { classSelectivity } from './explain/layers/selectivity.js';
export * from './graph/graph.js';
export { inlineGraph } from './graph/inline.js';
export { printGraph } from './graph/print.js';
export { verifyGraph } from './graph/verify.js';
export * from './metrics/bleu.js';
export * from './metrics/bootstrap.js';
export * from './metrics/caption-scores.js';
export * from './metrics/cider-d.js';
export * from './metrics/classification.js';
export { rougeL } from './metrics/rouge-l.js';
export { type ScoreConditions, signatureOf } from './metrics/signature.js';
export type * from './models/caption-decoder.js';
export { CaptionNetwork, type TaughtImages } from './models/caption-network.js';
export { Captioner } from './models/captioner.js';
export { CaptionerAttention, type CaptionerAttentionOptions } from './models/captioner-attention.js';
export * from './models/classifier.js';
export * from './models/designed.js';
export * from './models/fashion-cnn-best.js';
export { summariseOnnx } from './models/onnx-summary.js';
export { smallEncoder } from './models/small-encoder.js';
export { type LayerSummary, type NetworkSummary, summarise } from './models/summary.js';
export * from './nn/activation.js';
export { AdditiveAttention, type Attended, type AttentionInput } from './nn/additive-attention.js';
export { BatchNorm2d } from './nn/batch-norm2d.js';
export { Conv2d, type Conv2dOptions } from './nn/conv2d.js';
export { CoordinateChannels } from './nn/coordinate-channels.js';
export { Dropout } from './nn/dropout.js';
export { Embedding } from './nn/embedding.js';
export { LayerNorm } from './nn/layer-norm.js';
export { Linear, type LinearOptions } from './nn/linear.js';
export { type CrossEntropyOptions, crossEntropy, type NllLossOptions, nllLoss } from './nn/loss.js';
export { LSTM, type LSTMInput, type LSTMOptions, type LSTMOutput } from './nn/lstm.js';
export { LSTMCell, type LSTMState, type LSTMWeights } from './nn/lstm-cell.js';
export {
  type AnyModule,
  countParameters,
  initialParameters,
  Module,
  namedModules,
  namedParameters,
} from './nn/module.js';
export {
  MultiheadSelfAttention,
  type MultiheadSelfAttentionOptions,
  type SelfAttended,
} from './nn/multihead-self-attention.js';
export { OnnxModule, type OnnxModuleOptions } from './nn/onnx-module.js';
export { filled, type Initialiser, Parameter } from './nn/parameter.js';
export { AvgPool2d, MaxPool2d, type PoolOptions } from './nn/pool.js';
export { Sequential } from './nn/sequential.js';
export { type LoadStateDictOptions, loadStateDict, stateDict } from './nn/state-dict.js';
export { Trace } from './nn/trace.js';
export { externalFilesOf, includeExternalData } from './onnx/external-data.js';
export { initialisersOf } from './onnx/initialisers.js';
export { type OnnxModel, type ReadOptions, readOnnx } from './onnx/read.js';
export { type WriteOptions, writeOnnx } from './onnx/write.js';
export * as ops from './ops/build.js';
export { interpret } from './ops/interpret.js';
export { ops as opTable } from './ops/table.js';
export * from './optim/optimisers.js';
export * from './optim/schedule.js';
export * from './optim/transform.js';
export * from './optim/transforms.js';
export type { Device, NodeDevice } from './passes/device.js';
export type * from './runtime/session.js';
export type { DType, TypedArray } from './tensor/dtype.js';
export { stream } from './tensor/random.js';
export { decodeSafetensors, encodeSafetensors, type Safetensors } from './tensor/safetensors.js';
export type { Shape } from './tensor/shape.js';
export { scalar, type Tensor, type TensorType, tensor, zeros } from './tensor/tensor.js';
export { splitAtBlanks, splitLikePtb, type Tokeniser, tokenisers } from './text/tokenise.js';
export { special, Vocabulary } from './text/vocabulary.js';
export { chooseStepsAtOnce } from './train/choose-steps-at-once.js';
export { type EvaluationSet, evaluateClassifier, evaluationBatchSize } from './train/evaluate.js';
export { exportModel } from './train/export.js';
export { InferenceModel } from './train/inference.js';
export { type StepOptions, type StepResults, TrainingStep } from './train/step.js';
export { buildStep, inferenceParameters, type StepDefinition, type StepGraph } from './train/step-graph.js';
