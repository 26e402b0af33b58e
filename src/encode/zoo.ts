import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type FileSet, locate, type ObtainOptions, obtainFiles } from '../data/obtain.js';
import { cacheFolder } from '../data/root.js';
import { LegendaError } from '../errors.js';
import { makeFolder } from '../files.js';

/** A pretrained model of the ONNX model zoo: https://github.com/onnx/models, Apache-2.0, trained on ImageNet. */
const zooModel = (name: string, file: string, path: string, bytes: number, sha256: string): FileSet => ({
  name,
  title: `${name} of the ONNX model zoo`,
  files: [{ name: file, bytes, sha256 }],
  mirrors: [
    {
      title: "the zoo's storage",
      url: `https://media.githubusercontent.com/media/onnx/models/main/validated/vision/classification/${path}/model/`,
    },
    {
      title: 'its mirror on Hugging Face',
      url: `https://huggingface.co/onnxmodelzoo/${file.replace(/\.onnx$/, '')}/resolve/main/`,
    },
  ],
});

/** Encoders that go by a name. */
const zoo: Readonly<Record<string, FileSet>> = {
  resnet18: zooModel(
    'resnet18',
    'resnet18-v1-7.onnx',
    'resnet',
    46_820_737,
    '4e8f8653e7a2222b3904cc3fe8e304cd8b339ce1d05fd24688162f86fb6df52c',
  ),
  mobilenetv2: zooModel(
    'mobilenetv2',
    'mobilenetv2-7.onnx',
    'mobilenet',
    14_246_826,
    'c1c513582d56afceff8516c73804e484c81c6a830712ab6d682253f4a3cd042f',
  ),
};

export const isZooModel = (name: string): boolean => Object.hasOwn(zoo, name);

/** An encoder's file, and whether it is a classifier that must be cut before its last pooling. */
export interface EncoderFile {
  readonly path: string;
  readonly isClassifier: boolean;
}

export type ZooOptions = Omit<ObtainOptions, 'root'> & {
  /** Where the zoo's files are kept; below the user's cache folder by default. */
  readonly root?: string;
};

/**
 * The file of an encoder: one of the zoo by name, fetched and checked where it is not kept yet, or a path.
 * @throws UnavailableError listing what was tried, when a model of the zoo is not to be had
 * @throws LegendaError when the kept file is not what it should be
 */
export async function encoderFile(encoder: string, options: ZooOptions = {}): Promise<EncoderFile> {
  const set = isZooModel(encoder) ? zoo[encoder] : undefined;
  if (set === undefined) {
    const isThere = await stat(encoder).catch(() => undefined);
    if (isThere) return { path: encoder, isClassifier: false };
    throw new LegendaError(
      `there is no encoder ${encoder}: no file ${resolve(encoder)}, and the zoo has ${Object.keys(zoo).join(' and ')}`,
    );
  }
  const { root = join(cacheFolder(), 'encoders'), ...rest } = options;
  await makeFolder(root);
  await obtainFiles(set, { root, ...rest });
  const path = await locate(join(root, set.name), set.files[0]!);
  if (path === undefined) throw new LegendaError(`${set.title} was here and is gone from ${join(root, set.name)}`);
  return { path, isClassifier: true };
}
