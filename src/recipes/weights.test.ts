import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { expectClose } from '../../test/oracle/expect-close.js';
import { inFolder, oneThread, outcomeOf, smallSet, smallSettings } from '../../test/support/training.js';
import type { ClassificationScores } from '../metrics/classification.js';
import { initialParameters } from '../nn/module.js';
import { stateDict } from '../nn/state-dict.js';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.js';
import { type Tensor, toNumbers } from '../tensor/tensor.js';
import { openRun } from '../train/record.js';
import { configure } from './configure.js';
import { openTrained } from './open-run.js';
import type { RunOptions } from './run.js';
import { resumeRun, startRun } from './run-recipe.js';
import { classifierNamed } from './table.js';
import { readWeights } from './weights.js';

const recipe = classifierNamed('fashion-cnn-best');
const settings = { ...smallSettings, epochs: 1, batch: 20, averageDecay: null };
const model = () => recipe.model(configure(recipe, settings));
const parametersOf = (seed: number) => initialParameters(model(), seed);

const fileOf = async (dir: string, parameters: ReadonlyMap<string, Tensor>): Promise<string> => {
  const path = join(dir, 'weights.safetensors');
  await writeFile(path, encodeSafetensors(stateDict(model(), parameters)));
  return path;
};

describe('a run that starts from a file', () => {
  const start = async (dir: string, file: string, options: Partial<RunOptions<ClassificationScores>> = {}) => {
    const weights = await readWeights(file, model());
    return startRun({ recipe, settings, seed: 7, dir, weights }, await smallSet(), { runtime: oneThread, ...options });
  };

  test('says from which, and resumes without it once it has a checkpoint, and with it before', async () => {
    await inFolder(async (dir) => {
      const file = await fileOf(dir, parametersOf(8));
      await start(join(dir, 'whole'), file);
      const { weights } = await openRun(join(dir, 'whole'));
      expect(weights).toEqual({ source: file, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      const stopped = new AbortController();
      const listeners = { signal: stopped.signal, onStep: () => stopped.abort() };
      await start(join(dir, 'stopped'), file, listeners);
      await start(join(dir, 'early'), file, listeners);
      // as after a kill before the first checkpoint
      await rm(join(dir, 'early', 'checkpoints'), { recursive: true });

      await resumeRun(join(dir, 'early'), await smallSet(), { runtime: oneThread });
      await fileOf(dir, parametersOf(9));
      await resumeRun(join(dir, 'stopped'), await smallSet(), { runtime: oneThread });
      for (const name of ['early', 'stopped']) {
        expect(await outcomeOf(join(dir, name)), name).toEqual(await outcomeOf(join(dir, 'whole')));
      }
    });
  });

  test('does not begin again from another file', async () => {
    await inFolder(async (dir) => {
      const file = await fileOf(dir, parametersOf(8));
      const stopped = new AbortController();
      stopped.abort();
      await start(join(dir, 'run'), file, { signal: stopped.signal });
      await rm(join(dir, 'run', 'checkpoints'), { recursive: true });
      await fileOf(dir, parametersOf(9));
      const again = async () => resumeRun(join(dir, 'run'), await smallSet(), { runtime: oneThread });
      await expect(again()).rejects.toThrow(
        `${file} is not the file that the run ${join(dir, 'run')} was started from: it has changed`,
      );
      await rm(file);
      await expect(again()).rejects.toThrow(`cannot read ${file}: there is no such file`);
    });
  });
});

test('a file that does not fit is refused by its name', async () => {
  await inFolder(async (dir) => {
    const path = join(dir, 'weights.safetensors');
    await expect(readWeights(path, model())).rejects.toThrow(`cannot read ${path}: there is no such file`);
    await writeFile(path, 'not safetensors');
    await expect(readWeights(path, model())).rejects.toThrow(`${path}: safetensors: the header is said to have`);
    const wrapped = new Map([...parametersOf(1)].map(([name, tensor]) => [`module.${name}`, tensor]));
    await writeFile(path, encodeSafetensors(wrapped));
    await expect(readWeights(path, model())).rejects.toThrow(
      `${path}: the given parameters do not fit FashionCnnBest: missing`,
    );
  });
});

/** The built command line, as a shell would run it. */
function legenda(...args: string[]): Promise<{ readonly status: number; readonly stderr: string }> {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  return new Promise((done) => {
    execFile(process.execPath, [main, ...args], (error, _, stderr) =>
      done({ status: error ? Number(error.code) : 0, stderr }),
    );
  });
}

test('legenda train --weights and legenda export hand parameters to each other', async () => {
  await inFolder(async (dir) => {
    const file = await fileOf(dir, parametersOf(8));
    const network = Object.entries({ ...settings, batch: 500, lr: 1e-30 }).flatMap(([key, value]) => [
      '--set',
      `${key}=${JSON.stringify(value)}`,
    ]);
    // so small a rate changes nothing in single precision, but for the running statistics
    const set = [...network, '--sample', '--threads', '1'];
    const run = join(dir, 'run');
    const trained = await legenda('train', 'fashion-cnn-best', ...set, '--weights', file, '--out', run);
    expect(trained).toMatchObject({ status: 0 });
    const exported = join(dir, 'exported.safetensors');
    expect(await legenda('export', run, exported)).toMatchObject({ status: 0 });
    const { tensors } = decodeSafetensors(await readFile(exported));
    const { parameters } = await openTrained(run);
    expect(tensors).toEqual(stateDict(model(), parameters));
    for (const [name, start] of parametersOf(8)) {
      if (name.includes('running')) continue;
      const data = toNumbers(start);
      expectClose(tensors.get(name)!, { ...start, data }, { relative: 0, absolute: 1e-20 }, name);
    }
    expect((await readWeights(exported, model())).parameters).toEqual(tensors);
  });
});
