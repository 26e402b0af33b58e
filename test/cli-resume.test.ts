import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeSafetensors } from '../src/tensor/safetensors.js';
import { type Tensor, tensor } from '../src/tensor/tensor.js';
import { loadCheckpoint, saveCheckpoint } from '../src/train/checkpoint.js';
import { dist, legenda, main, runScript, snapshot } from './support/cli.js';
import { outcomeOf, smallSettings } from './support/training.js';

const settings = { ...smallSettings, batch: 60, validation: 0.9, epochs: 2 };

/** `whole`: a finished run. `stopped`: the same, interrupted after step 4, with a checkpoint of step 3 too. */
let root: string;
let copies = 0;
let run: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'legenda-test-'));
  // With the build, as the commands: the source may be newer, and come to other bits.
  await runScript(`
    import { loadFashionMnistSample } from ${dist('data/fashion-mnist')};
    import { startRun } from ${dist('recipes/run-recipe')};
    import { recipeNamed } from ${dist('recipes/table')};
    import { nodeRuntime } from ${dist('runtime/node')};
    const data = await loadFashionMnistSample();
    const recipe = recipeNamed('fashion-cnn-best');
    const begin = (name, more) => {
      const run = { recipe, settings: ${JSON.stringify(settings)}, seed: 42, dir: ${JSON.stringify(root)} + '/' + name };
      return startRun(run, data, { runtime: nodeRuntime({ threads: 1 }), checkpointSteps: 3, ...more });
    };
    await begin('whole');
    const controller = new AbortController();
    await begin('stopped', { signal: controller.signal, onStep: ({ step }) => step === 4 && controller.abort() });`);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  run = join(root, `run-${copies++}`);
  cpSync(join(root, 'stopped'), run, { recursive: true, preserveTimestamps: true });
});

const resume = (dir: string, ...more: readonly string[]) =>
  legenda(['train', 'fashion-cnn-best', '--resume', dir, ...more]);

/** The command ends with the status and the message, and leaves the run as it was. */
async function refused(status: number, message: string, args: readonly string[], dir = run): Promise<void> {
  const before = snapshot(dir);
  const result = await legenda(args);
  expect(result).toMatchObject({ status, stdout: '', stderr: expect.not.stringMatching(/\n {4}at /) });
  expect(result.stderr).toContain(`legenda: ${message}`);
  expect(snapshot(dir)).toEqual(before);
}

const goOn = ['train', 'fashion-cnn-best', '--resume'];

describe('resume refuses, with status 2 and the run left as it was,', () => {
  test('another recipe', () =>
    refused(2, `${run} is a run of fashion-cnn-best, not of fashion-cnn`, ['train', 'fashion-cnn', '--resume', run]));
  test('another thread count', () =>
    refused(2, `the run ${run} was started with 1 threads; other bits would come of 2`, [
      ...goOn,
      run,
      '--threads',
      '2',
    ]));
  test('a run that has ended', () =>
    refused(
      2,
      `the run ${join(root, 'whole')} has ended (done): there is nothing to resume`,
      [...goOn, join(root, 'whole')],
      join(root, 'whole'),
    ));
  test('other data', () => {
    const path = join(run, 'run.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"6590302e/, '"00000000'));
    return refused(2, `the run ${run} was started on other data (fashion-mnist-sample from `, [...goOn, run]);
  });
  test.each([
    ['settings', '--set', 'lr=1'],
    ['a seed', '--seed', '42'],
    ['another folder', '--out', 'x'],
  ])('%s', (_, option, value) =>
    refused(2, `${option} and --resume exclude each other`, [...goOn, run, option, value]),
  );
});

describe('an unreadable run is an error of status 1, and left as it was:', () => {
  test.each([
    ['without run.json', 'run.json', undefined, 'is not a run: it has no run.json'],
    ['with garbage as run.json', 'run.json', '\u0000\u0001', 'run.json is not JSON'],
    ['with a damaged log', 'events.jsonl', '{"type":"party"}\n', 'events.jsonl, line 1: "type"'],
    ['with a damaged list of checkpoints', 'checkpoints/manifest.json', '{}', 'manifest.json: "format"'],
  ])('%s', async (_, file, content, message) => {
    if (content === undefined) rmSync(join(run, file));
    else writeFileSync(join(run, file), content);
    const before = snapshot(run);
    const { status, stdout, stderr } = await resume(run);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(snapshot(run)).toEqual(before);
  });

  test('a folder that is not there', () =>
    refused(1, `cannot open the run folder ${run}/gone: there is no such file or folder`, [...goOn, `${run}/gone`]));

  /** Root may do anything: the command then runs as nobody. */
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const canRun = process.platform !== 'win32' && spawnSync(process.execPath, [main, '--version'], nobody).status === 0;
  test.skipIf(!canRun).each([
    ['may not be read', 0o000, `cannot open the run folder`],
    ['may not be written', 0o555, 'cannot open'],
  ])(
    `a folder that %s${canRun ? '' : ' (skipped: no user without rights can run the command here)'}`,
    async (_, mode, what) => {
      chmodSync(root, 0o755);
      for (const name of ['', ...readdirSync(run, { recursive: true, encoding: 'utf8' })]) {
        if (nobody.uid !== undefined) chownSync(join(run, name), nobody.uid, nobody.gid);
        chmodSync(join(run, name), name === '' || name === 'checkpoints' ? 0o755 : 0o444);
      }
      const before = snapshot(run);
      chmodSync(run, mode);
      const { status, stdout, stderr } = await legenda([...goOn, run], nobody);
      chmodSync(run, 0o755);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(new RegExp(`legenda: ${what} ${run}\\S*: permission denied\n`));
      expect(snapshot(run)).toEqual(before);
    },
  );
});

describe('damaged checkpoints', () => {
  const checkpoint = (step: number) => join(run, 'checkpoints', `step-0000000${step}.safetensors`);
  const flip = (path: string) => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
  };

  test('the newest: the one before is gone on from, with a warning, to the same bits', async () => {
    flip(checkpoint(4));
    const { status, stderr, stdout } = await resume(run, '--json');
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({ type: 'start', step: 3, resumed: true });
    expect(stderr).toContain(`WARNING: ${checkpoint(4)} is damaged: its SHA-256 is not the one that was saved\n`);
    expect(await outcomeOf(run)).toEqual(await outcomeOf(join(root, 'whole')));
  });

  test('all: an error of status 1 that names each', async () => {
    flip(checkpoint(3));
    flip(checkpoint(4));
    await refused(1, `the last checkpoint of ${run} cannot be loaded: ${checkpoint(4)} is damaged`, [...goOn, run]);
    await refused(1, `the last checkpoint of ${run} cannot be loaded`, ['evaluate', run]);
  });
});

describe('a run folder from a stranger, whose digests are right,', () => {
  const evil = async (change: (tensors: Map<string, Tensor>) => unknown, progress?: object) => {
    const { tensors, ...last } = (await loadCheckpoint(run, 'last'))!;
    change(tensors);
    await saveCheckpoint(
      run,
      { step: last.step, tensors, progress: { ...(progress ?? last.progress) } },
      { best: true },
    );
  };
  test.each([
    ['a parameter of another shape', 'float32[11]', ['evaluate'], tensor('float32', [11], new Float32Array(11))],
    [
      'a parameter of another type',
      'int64[10]',
      ['export', 'model.onnx'],
      tensor('int64', [10], new BigInt64Array(10)),
    ],
    ['a parameter too few', '', ['evaluate'], undefined],
  ])('with %s', async (_, came, [command, file], bias) => {
    await evil((tensors) => {
      tensors.delete('average/fc3.bias');
      if (bias === undefined) tensors.delete('fc3.bias');
      else tensors.set('fc3.bias', bias);
    });
    for (const args of [
      [...goOn, run],
      [command!, run, ...(file === undefined ? [] : [join(run, file)])],
    ]) {
      const { status, stdout, stderr } = await legenda(args);
      expect({ status, stdout }, stderr).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^legenda: .*"fc3\.bias"/m);
      expect(stderr).toContain(came);
      expect(stderr).not.toMatch(/\n {4}at /);
    }
    expect(readdirSync(run)).not.toContain('model.onnx');
  });

  test('with progress that is none', async () => {
    await evil(() => {}, { epochLoss: 'much' });
    const { status, stderr } = await resume(run);
    expect(status).toBe(1);
    expect(stderr).toContain('legenda: the progress of the checkpoint of step 4: "epochLoss": ');
  });

  test('with a file that is no safetensors', async () => {
    // the manifest is made to agree
    const path = join(run, 'checkpoints', 'manifest.json');
    const hostile = encodeSafetensors(new Map()).fill(0xff, 0, 8);
    const sha256 = createHash('sha256').update(hostile).digest('hex');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    for (const name of Object.keys(manifest.files)) {
      writeFileSync(join(run, 'checkpoints', name), hostile);
      manifest.files[name] = { ...manifest.files[name], bytes: hostile.length, sha256 };
    }
    writeFileSync(path, JSON.stringify(manifest));
    for (const args of [
      [...goOn, run],
      ['evaluate', run],
    ]) {
      await refused(
        1,
        `the last checkpoint of ${run} cannot be loaded: safetensors: the header is said to have `,
        args,
      );
    }
  });
});
