import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bitsOf, inFolder, oneThread, outcomeOf } from '../../test/support/training.js';
import { Vocabulary } from '../text/vocabulary.js';
import { loadCheckpoint } from '../train/checkpoint.js';
import { captionImages } from './caption-images.js';
import { captioner } from './captioner.js';
import { captionerAttention } from './captioner-attention.js';
import { configure } from './configure.js';
import { openCaptioner } from './open-captioner.js';
import { prepareCaptioner } from './prepare-captioner.js';
import type { CaptionerRecipe } from './recipe.js';
import { beginRun, continueRun, openUnfinished } from './run.js';

const small = {
  ...{ scenes: 20, side: 16, channels: [3, 4, 5], embedding: 6, hidden: 7, epochs: 2, batch: 16 },
  ...{ buckets: 2, maxLength: 8, averageDecay: 0.9, schedule: 'cosine', warmupEpochs: 1 },
};
const recipes: readonly [CaptionerRecipe, object][] = [
  [captioner as CaptionerRecipe, small],
  [
    captionerAttention as CaptionerRecipe,
    { ...small, attention: 5, attentionPenalty: 0.5, labelSmoothing: 0.1, scheduledSampling: 0.5 },
  ],
];
const sources = { root: '/nowhere', runtime: oneThread };

async function trained(dir: string, recipe: CaptionerRecipe, settings: object, stopAfter?: number) {
  const prepared = await prepareCaptioner(recipe, { ...settings }, 3, sources);
  const stop = new AbortController();
  const beginning = { recipe, configuration: configure(recipe, { ...settings }), seed: 3, dir };
  return beginRun(beginning, prepared, {
    runtime: oneThread,
    signal: stop.signal,
    onStep: ({ step }) => {
      if (step === stopAfter) stop.abort();
    },
  });
}

describe.each(recipes)('$name', (recipe, settings) => {
  it('learns from scenes, and writes what captions need', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'run');
      const { state, test } = await trained(dir, recipe, settings);
      expect(state).toBe('done');
      expect(test!.captions).toHaveLength(2);
      const said = JSON.parse(readFileSync(join(dir, 'captions-test.json'), 'utf8'));
      expect(said.map(({ caption }: { caption: string }) => caption)).toEqual(
        test!.captions.map(({ candidate }) => candidate),
      );
      const { vocabulary, parameters } = await openCaptioner(dir);
      const words = JSON.parse(readFileSync(join(dir, 'vocabulary.json'), 'utf8'));
      expect(vocabulary.words).toEqual(new Vocabulary(words).words);
      // averages are what is used
      const { tensors } = (await loadCheckpoint(dir, 'best'))!;
      expect(parameters.get('decoder.output.bias')!.data).toEqual(tensors.get('average/decoder.output.bias')!.data);
    });
  });

  it('goes on at any step to the same bits', async () => {
    await inFolder(async (root) => {
      const whole = join(root, 'whole');
      await trained(whole, recipe, settings);
      const steps = (await loadCheckpoint(whole, 'last'))!.step;
      const expected = await outcomeOf(whole);
      for (let stop = 1; stop < steps; stop += 4) {
        const dir = join(root, `stopped-${stop}`);
        expect((await trained(dir, recipe, settings, stop)).state).toBe('interrupted');
        const record = await openUnfinished(dir);
        const again = await prepareCaptioner(recipe, record.configuration, record.seed, sources);
        expect((await continueRun(dir, record, again, { runtime: oneThread })).state).toBe('done');
        expect(await outcomeOf(dir), `stopped after ${stop}`).toEqual(expected);
      }
    });
  });
});

it('is another training with another seed, on the same scenes', async () => {
  const [one, other] = await Promise.all(
    [1, 2].map((seed) => prepareCaptioner(captioner as CaptionerRecipe, { ...small }, seed, sources)),
  );
  expect(one!.dataset).toEqual(other!.dataset);
  const states = await Promise.all(
    [one!, other!].map(async ({ task }) => {
      await using open = await task.open(oneThread, undefined);
      return bitsOf(await open.state());
    }),
  );
  expect(states[0]).not.toEqual(states[1]);
});

it('captions files, and says which it cannot read', async () => {
  await inFolder(async (root) => {
    const dir = join(root, 'run');
    await trained(dir, captionerAttention as CaptionerRecipe, { ...recipes[1]![1], epochs: 1 });
    const sharp = (await import('sharp')).default;
    const image = join(root, 'a.png');
    await sharp({ create: { width: 40, height: 30, channels: 3, background: 'green' } }).toFile(image);
    const model = await openCaptioner(dir);
    const found = [];
    const paths = [image, join(root, 'missing.png'), image];
    for await (const one of captionImages(model, paths, {
      runtime: oneThread,
      writing: { beam: 2, consensus: false, maxLength: 8 },
      best: 2,
      batch: 2,
    }))
      found.push(one);
    expect(found.map(({ path }) => path)).toEqual(paths);
    const [first, missing, last] = found;
    expect('error' in missing! && missing.error.message).toContain('missing.png');
    expect(first).toEqual(last);
    expect('captions' in first! && first.captions.map(({ text }) => typeof text)).toEqual(['string', 'string']);
  });
});

it.each([
  [{ side: 20 }, 'side: a multiple of 8 is expected, 20 came'],
  [{ encoder: 'x.onnx' }, 'encoder: scenes are seen by an encoder that is trained along, a file came'],
  [{ dataset: 'nothing-of-that-name' }, 'there is no caption set "nothing-of-that-name"'],
  [{ scenes: 5 }, 'scenes: Too small'],
  [{ warmupEpochs: 3 }, 'warmupEpochs: at most the 2 epochs are expected, 3 came'],
])('refuses %o', async (wrong, message) => {
  await expect(prepareCaptioner(captioner as CaptionerRecipe, { ...small, ...wrong }, 1, sources)).rejects.toThrow(
    message,
  );
});

it.each([
  [{ batch: 257 }, 'batch: at most 256 is expected for 80 captions to train on, 257 came'],
  [{ leastCount: 1000 }, 'leastCount: no word of the training captions occurs 1000 times'],
  [{ features: 'x' }, 'features: a tensor of an encoder is meant, and there is none'],
])('refuses %o', async (settings, message) => {
  const wanted = prepareCaptioner(captioner as CaptionerRecipe, { ...small, ...settings }, 1, sources);
  await expect(wanted).rejects.toThrow(message);
});

it('of a run whose first epoch has not ended has the last parameters alone', async () => {
  await inFolder(async (root) => {
    const dir = join(root, 'run');
    await trained(dir, captioner as CaptionerRecipe, { ...small }, 1);
    await expect(openCaptioner(dir)).rejects.toThrow(
      `no epoch of ${dir} has ended yet: its checkpoint "last" is there, "best" is not`,
    );
    expect((await openCaptioner(dir, 'last')).step).toBe(1);
  });
});
