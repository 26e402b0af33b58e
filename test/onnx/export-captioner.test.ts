import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it, vi } from 'vitest';
import { Preprocessor } from '../../src/data/images/preprocess.js';
import { captionImages } from '../../src/recipes/caption-images.js';
import { captionerAttention } from '../../src/recipes/captioner-attention.js';
import { configure } from '../../src/recipes/configure.js';
import { type CaptionerManifest, exportCaptionerRun } from '../../src/recipes/export-captioner.js';
import { openCaptioner } from '../../src/recipes/open-captioner.js';
import { prepareCaptioner } from '../../src/recipes/prepare-captioner.js';
import type { CaptionerRecipe } from '../../src/recipes/recipe.js';
import { beginRun } from '../../src/recipes/run.js';
import { encoderSettings } from '../support/encoder-settings.js';
import { inFolder, oneThread } from '../support/training.js';

const recipe = captionerAttention as CaptionerRecipe;
const onScenes = { scenes: 20, side: 16, channels: [3, 4, 5], embedding: 6, hidden: 7, attention: 5, epochs: 1 };

/** Captions of images together, each word the likeliest, with ONNX Runtime alone. */
async function captionTogether(dir: string, paths: readonly string[]): Promise<string[]> {
  const about = JSON.parse(readFileSync(join(dir, 'captioner.json'), 'utf8')) as CaptionerManifest;
  const [look, say] = await Promise.all(
    [about.look, about.say].map((name) => InferenceSession.create(join(dir, name))),
  );
  const preprocessor = new Preprocessor(about.image);
  const pixels = new Float32Array(paths.length * preprocessor.size);
  await preprocessor.writeAll(paths, pixels);
  const shape = [paths.length, 3, about.image.side, about.image.side];
  let seen: InferenceSession.ReturnType = await look!.run({ images: new Tensor('float32', pixels, shape) });
  const captions = paths.map((): number[] => []);
  for (let step = 0; step < about.maxLength; step++) {
    const before = BigInt64Array.from(captions, (words) => BigInt(words.at(-1) ?? about.start));
    const words = new Tensor('int64', before, [paths.length]);
    const next = await say!.run({ ...seen, words });
    const scores = next['logProbabilities']!.data as Float32Array;
    for (const [row, caption] of captions.entries()) {
      const own = scores.subarray(row * about.words.length, (row + 1) * about.words.length);
      const allowed = [...own.keys()].filter((word) => !about.never.includes(word));
      caption.push(allowed.reduce((best, word) => (own[word]! > own[best]! ? word : best)));
    }
    expect(next['attention']!.dims[0]).toBe(paths.length);
    seen = { ...seen, hidden: next['next/hidden']!, cell: next['next/cell']! };
  }
  return captions.map((words) => {
    const said = words.includes(about.end) ? words.slice(0, words.indexOf(about.end)) : words;
    return said.map((word) => about.words[word]!).join(' ');
  });
}

it.each([
  { name: 'a small encoder that was trained along', settings: async (): Promise<object> => onScenes },
  {
    name: 'a file that stayed as it was',
    settings: async (root: string): Promise<object> => ({ ...(await encoderSettings(root)).settings, fineTune: false }),
  },
  {
    name: 'a file that was trained along',
    settings: async (root: string): Promise<object> => (await encoderSettings(root)).settings,
  },
])('$name says the same with ONNX Runtime alone, for any number of images', async ({ settings }) => {
  await inFolder(async (root) => {
    vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
    const [dir, out] = [join(root, 'run'), join(root, 'out', 'captioner')];
    const configuration = configure(recipe, { ...(await settings(root)), maxLength: 6 }) as object;
    const prepared = await prepareCaptioner(recipe, { ...configuration }, 1, { root, runtime: oneThread });
    await beginRun({ recipe, configuration, seed: 1, dir }, prepared, { runtime: oneThread });
    const trained = await openCaptioner(dir);
    const written = await exportCaptionerRun(trained, out);
    expect([...written.keys()]).toEqual(['look.onnx', 'say.onnx', 'captioner.json'].map((name) => join(out, name)));
    expect((await readdir(out)).sort()).toEqual(['captioner.json', 'look.onnx', 'say.onnx']);

    const sharp = (await import('sharp')).default;
    const paths = await Promise.all(
      ['red', 'green', 'white'].map(async (background) => {
        const path = join(root, `${background}.png`);
        await writeFile(
          path,
          await sharp({ create: { width: 40, height: 30, channels: 3, background } })
            .png()
            .toBuffer(),
        );
        return path;
      }),
    );
    const expected: string[] = [];
    for await (const said of captionImages(trained, paths, { runtime: oneThread }))
      expected.push('captions' in said ? said.captions[0]!.text : '');
    expect(await captionTogether(out, paths)).toEqual(expected);
    expect(await captionTogether(out, paths.slice(2))).toEqual(expected.slice(2));
    vi.unstubAllEnvs();
  });
});
