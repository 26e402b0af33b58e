import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classifierFile } from '../../test/support/classifier-file.js';
import { inFolder, oneThread } from '../../test/support/training.js';
import type { Preprocessing } from '../data/images/preprocess.js';
import { UnavailableError } from '../data/obtain.js';
import { Encoder } from './encoder.js';
import { encoderFile } from './zoo.js';

const preprocessing: Preprocessing = { side: 8, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] };

describe('an encoder of the zoo', () => {
  it('is a path where it is no name', async () => {
    await inFolder(async (root) => {
      const path = join(root, 'resnet18.onnx');
      await writeFile(path, classifierFile());
      expect(await encoderFile(path)).toEqual({ path, isClassifier: false });
    });
    for (const name of ['models/resnet19.onnx', 'constructor'])
      await expect(encoderFile(name)).rejects.toThrow(
        `there is no encoder ${name}: no file ${resolve(name)}, and the zoo has resnet18 and mobilenetv2`,
      );
  });

  it('says how to bring it by hand when it is not to be had', async () => {
    await inFolder(async (root) => {
      const wanted = encoderFile('resnet18', { root, offline: true });
      await expect(wanted).rejects.toThrow(UnavailableError);
      await expect(wanted).rejects.toThrow(/resnet18-v1-7\.onnx/);
    });
  });

  it('is refused when the file that is kept is another', async () => {
    await inFolder(async (root) => {
      await mkdir(join(root, 'mobilenetv2'));
      await writeFile(join(root, 'mobilenetv2', 'mobilenetv2-7.onnx'), 'no model');
      await expect(encoderFile('mobilenetv2', { root, offline: true })).rejects.toThrow(/mobilenetv2-7\.onnx/);
    });
  });

  it('is cut before its last pooling, so that it gives regions', async () => {
    await inFolder(async (root) => {
      const path = join(root, 'classifier.onnx');
      await writeFile(path, classifierFile());
      const open = (more: object) => Encoder.open(oneThread, path, { preprocessing, batch: 2, ...more });
      await using cut = await open({ isClassifier: true });
      expect(cut.shape).toEqual([16, 5]);
      await using whole = await open({});
      expect(whole.shape).toEqual([1, 3]);
      await writeFile(path, classifierFile(false));
      await expect(open({ isClassifier: true })).rejects.toThrow(
        `${path}: there is no global average pooling to cut it at: name the tensor that has the features`,
      );
    });
  });
});
