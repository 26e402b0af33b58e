/** A run that was interrupted, for tests to resume or to damage. */
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist, runScript } from './cli.js';
import { smallSettings } from './training.js';

export interface StoppedRuns extends AsyncDisposable {
  readonly root: string;
  /** A finished run of ten steps, on one thread. */
  readonly whole: string;
  /** A new copy of the same run, interrupted after step 4, with checkpoints of the steps 3 and 4. */
  copy(): string;
}

/** Made with the build, as the commands go on: the source may be newer, and come to other bits. */
export async function stoppedRuns(): Promise<StoppedRuns> {
  const root = await mkdtemp(join(tmpdir(), 'legenda-test-'));
  const settings = { ...smallSettings, batch: 60, validation: 0.9, epochs: 2 };
  await runScript(`
    import { loadFashionMnistSample } from ${dist('data/fashion-mnist')};
    import { startRun } from ${dist('recipes/run-recipe')};
    import { classifierNamed } from ${dist('recipes/table')};
    import { nodeRuntime } from ${dist('runtime/node')};
    const data = await loadFashionMnistSample();
    const recipe = classifierNamed('fashion-cnn-best');
    const begin = (name, more) => {
      const run = { recipe, settings: ${JSON.stringify(settings)}, seed: 42, dir: ${JSON.stringify(root)} + '/' + name };
      return startRun(run, data, { runtime: nodeRuntime({ threads: 1 }), checkpointSteps: 3, ...more });
    };
    await begin('whole');
    const controller = new AbortController();
    await begin('stopped', { signal: controller.signal, stepsAtOnce: 1, onStep: ({ step }) => step === 4 && controller.abort() });`);
  let copies = 0;
  return {
    root,
    whole: join(root, 'whole'),
    copy() {
      const dir = join(root, `run-${copies++}`);
      cpSync(join(root, 'stopped'), dir, { recursive: true, preserveTimestamps: true });
      return dir;
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

/** The file of a stopped run's checkpoint. */
export const checkpointOf = (run: string, step: 3 | 4): string =>
  join(run, 'checkpoints', `step-0000000${step}.safetensors`);
