import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encoderSettings } from '../../test/support/encoder-settings.js';
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
it('an encoder of a file is trained along, and used as it was trained', async () => {
  await inFolder(async (root) => {
    const { file, features, settings } = await encoderSettings(root);
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

    await copyFile(join(root, 'set', 'images', '1.png'), path);
    await expect(evaluateCaptioner(trained, { ...sources, split: 'test' })).rejects.toThrow(
      'the images of set are not those that the run was trained on',
    );
  });
});

it('what cannot be trained is refused', async () => {
  await inFolder(async (root) => {
    const { settings } = await encoderSettings(root);
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
