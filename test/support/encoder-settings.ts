import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OnnxModule } from '../../src/nn/onnx-module.js';
import { fourImages, writeCaptionSet } from './caption-set.js';
import { classifierFile } from './classifier-file.js';

const preprocessing = { side: 8, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] };

/** Settings for a captioner with attention on four images, through a file whose feature map has 5 channels of 4×4. */
export async function encoderSettings(root: string) {
  const file = classifierFile();
  const encoder = join(root, 'encoder.onnx');
  await writeFile(encoder, file);
  await writeCaptionSet(join(root, 'set'), fourImages);
  const features = [...new OnnxModule(file).tensors].findLast(([, { shape }]) => shape.join() === '1,5,4,4')![0];
  const sizes = { embedding: 4, hidden: 5, attention: 3, batch: 2, epochs: 2, lr: 0.01, buckets: 1 };
  const given = { dataset: join(root, 'set'), encoder, features, preprocessing, fineTune: true };
  return { file, features, settings: { ...sizes, ...given } };
}
