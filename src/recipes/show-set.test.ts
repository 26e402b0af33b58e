import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { fourImages, writeCaptionSet } from '../../test/support/caption-set.js';
import { classifierFile } from '../../test/support/classifier-file.js';
import { inFolder, oneThread } from '../../test/support/training.js';
import { captioner } from './captioner.js';
import { configure } from './configure.js';
import { showSet } from './show-set.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('features that several trials want at once are computed once, and each gets its own images’', async () => {
  await inFolder(async (root) => {
    const [dataset, encoder, cache] = [join(root, 'set'), join(root, 'encoder.onnx'), join(root, 'cache')];
    vi.stubEnv('XDG_CACHE_HOME', cache);
    await writeCaptionSet(dataset);
    writeFileSync(encoder, classifierFile());
    const preprocessing = { side: 8, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] };
    const training = captioner.training(configure(captioner, { dataset, encoder, preprocessing }) as never);
    const shown = await Promise.all([1, 2, 3].map(() => showSet(training, { root, runtime: oneThread })));
    const seen = await Promise.all(
      shown.map(async ({ images }) => {
        const values = new Float32Array(4 * 3);
        await images.fill([0, 1, 2, 3], values);
        return [...values];
      }),
    );
    expect(new Set(seen[0]!.slice(0, 12)).size).toBeGreaterThan(4);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    const folder = join(cache, 'legenda', 'features');
    const [store, ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    // digest, checksum, and three numbers in half precision of each image
    expect(statSync(join(folder, store!)).size).toBe(fourImages.length * (32 + 4 + 2 * 3));
  });
});

it('says when an image is in two splits, whether its features are kept or it is seen in training', async () => {
  await inFolder(async (root) => {
    const [dataset, encoder] = [join(root, 'set'), join(root, 'encoder.onnx')];
    vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
    const colour = [1, 2, 3] as const;
    await writeCaptionSet(dataset, [
      { file: '1.png', colour },
      { file: '2.png', colour, split: 'val' },
      { file: '3.png', colour: [9, 9, 9], split: 'test' },
    ]);
    writeFileSync(encoder, classifierFile());
    const preprocessing = { side: 8, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] };
    for (const settings of [{ encoder, preprocessing }, { side: 16 }]) {
      const warnings: string[] = [];
      const training = captioner.training(configure(captioner, { dataset, ...settings }) as never);
      await showSet(training, { root, runtime: oneThread, onWarning: (text) => warnings.push(text) });
      expect(warnings).toContain(
        'set: images are in two splits: 1 of validation or test, first 2.png (val) and 1.png (train)',
      );
    }
  });
});
