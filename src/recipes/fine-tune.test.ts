import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fourImages, writeCaptionSet } from '../../test/support/caption-set.js';
import { classifierFile } from '../../test/support/classifier-file.js';
import { inFolder, oneThread } from '../../test/support/training.js';
import { initialParameters } from '../nn/module.js';
import { OnnxModule } from '../nn/onnx-module.js';
import { captionImages } from './caption-images.js';
import { captionerAttention } from './captioner-attention.js';
import { configure } from './configure.js';
import { evaluateCaptioner } from './evaluate-captioner.js';
import { openCaptioner } from './open-captioner.js';
import { prepareCaptioner } from './prepare-captioner.js';
import type { CaptionerRecipe } from './recipe.js';
import { beginRun } from './run.js';

const recipe = captionerAttention as CaptionerRecipe;
const preprocessing = { side: 8, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] };

/** Settings for a captioner on four images, through a file whose feature map has 5 channels of 4×4. */
async function settingsIn(root: string) {
  const file = classifierFile();
  const encoder = join(root, 'encoder.onnx');
  await writeFile(encoder, file);
  await writeCaptionSet(join(root, 'set'), fourImages);
  const features = [...new OnnxModule(file).tensors].findLast(([, { shape }]) => shape.join() === '1,5,4,4')![0];
  const sizes = { embedding: 4, hidden: 5, attention: 3, batch: 2, epochs: 2, lr: 0.01, buckets: 1 };
  const given = { dataset: join(root, 'set'), encoder, features, preprocessing, fineTune: true };
  return { file, features, settings: { ...sizes, ...given } };
}

it('an encoder of a file is trained along, and used as it was trained', async () => {
  await inFolder(async (root) => {
    const { file, features, settings } = await settingsIn(root);
    const sources = { root, runtime: oneThread };
    const dir = join(root, 'run');
    const prepared = await prepareCaptioner(recipe, settings, 1, sources);
    const beginning = { recipe, configuration: configure(recipe, settings), seed: 1, dir };
    const { test } = await beginRun(beginning, prepared, { runtime: oneThread });
    const trained = await openCaptioner(dir);
    const before = initialParameters(new OnnxModule(file, { outputs: [features] }), 0);
    expect([...before.keys()]).toEqual(['kernels']);
    expect(trained.parameters.get('encoder.kernels')!.data).not.toEqual(before.get('kernels')!.data);

    const evaluated = await evaluateCaptioner(trained, { ...sources, split: 'test' });
    expect(evaluated.captions.map(({ caption }) => caption)).toEqual(test!.captions.map(({ candidate }) => candidate));
    expect(evaluated.captions[0]!.attention![0]).toHaveLength(16);
    const path = join(root, 'set', 'images', '10.png');
    for await (const said of captionImages(trained, [path], { runtime: oneThread }))
      expect('captions' in said && said.captions[0]!.text).toBe(evaluated.captions[0]!.caption);
  });
});

it('what cannot be trained is refused', async () => {
  await inFolder(async (root) => {
    const { settings } = await settingsIn(root);
    const prepare = (more: object) =>
      prepareCaptioner(recipe, { ...settings, ...more }, 1, { root, runtime: oneThread });
    await expect(prepare({ encoder: null, features: null })).rejects.toThrow(
      'fineTune: an encoder of a file is expected',
    );
    await expect(prepare({ features: null })).rejects.toThrow(
      'the tensor "scores" is [1,3], feature maps [N, features, h, w] are expected to be trained',
    );
    await expect(prepare({ features: 'nothing' })).rejects.toThrow('nothing');
  });
});
