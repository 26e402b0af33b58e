import type { Preprocessing } from '../data/images/preprocess.js';
import { cutClassifier, maxEncoderBytes } from '../encode/encoder.js';
import { type EncoderFile, encoderFile as findEncoder } from '../encode/zoo.js';
import { LegendaError } from '../errors.js';
import { readOnnxFile } from '../models/onnx-file.js';
import { smallEncoder } from '../models/small-encoder.js';
import type { Module } from '../nn/module.js';
import { OnnxModule } from '../nn/onnx-module.js';
import { formatShape } from '../tensor/shape.js';
import type { CaptionerTraining } from './recipe.js';
import type { ImageSources } from './show-set.js';
import { shownPreprocessing } from './shown-images.js';

/** An encoder that is trained together with its decoder. */
export interface TrainedEncoder {
  readonly encoder: Module;
  /** Channels of its feature maps. */
  readonly features: number;
  readonly preprocessing: Preprocessing;
}

type Listeners = Pick<ImageSources, 'signal' | 'onProgress' | 'onWarning'>;

/** The file of an encoder, fetched where it is one of the zoo. */
export const encoderFile = (encoder: string, { signal, onProgress, onWarning }: Listeners = {}): Promise<EncoderFile> =>
  findEncoder(encoder, {
    ...(signal && { signal }),
    ...(onProgress && { onProgress: ({ what, done, total }) => onProgress(what, done, total) }),
    ...(onWarning && { onNote: onWarning }),
  });

/**
 * The encoder of a configuration whose encoder is trained: a small one, or an ONNX file's with its own first parameters.
 * @throws LegendaError when the file cannot be read, or the tensor is no feature map
 */
export async function trainedEncoder(
  { encoder, features, preprocessing, channels, side }: CaptionerTraining,
  listeners: Listeners = {},
): Promise<TrainedEncoder> {
  if (encoder === null)
    return { encoder: smallEncoder(channels), features: channels[2], preprocessing: shownPreprocessing(side) };
  const { path, isClassifier } = await encoderFile(encoder, listeners);
  const bytes = await readOnnxFile(path, maxEncoderBytes);
  const output = features ?? (isClassifier ? cutClassifier(bytes) : undefined);
  const module = new OnnxModule(bytes, output === undefined ? {} : { outputs: [output] });
  const [name] = module.outputs as [string];
  const { shape } = module.tensors.get(name)!;
  if (shape.length !== 4)
    throw new LegendaError(
      `${path}: the tensor "${name}" is ${formatShape(shape)}, feature maps [N, features, h, w] are expected to be trained`,
    );
  return { encoder: module as Module, features: shape[1]!, preprocessing };
}
