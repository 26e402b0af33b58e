import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeSafetensors } from '../src/tensor/safetensors.js';
import { type Tensor, tensor } from '../src/tensor/tensor.js';
import { loadCheckpoint, saveCheckpoint } from '../src/train/checkpoint.js';
import { legenda, main, refused, snapshot } from './support/cli.js';
import { checkpointOf, type StoppedRuns, stoppedRuns } from './support/stopped-run.js';

let runs: StoppedRuns;
beforeAll(async () => {
  runs = await stoppedRuns();
}, 60_000);
afterAll(() => runs[Symbol.asyncDispose]());

const resume = ['train', 'fashion-cnn-best', '--resume'];

describe.concurrent('a run that cannot be read is an error of status 1, and left as it was:', () => {
  test.each([
    ['without run.json', 'run.json', undefined, ' is not a run: it has no run.json'],
    ['with garbage as run.json', 'run.json', '\u0000\u0001', '/run.json is not JSON'],
    ['with a damaged log', 'events.jsonl', '{"type":"party"}\n', '/events.jsonl, line 1: "type"'],
    ['with a damaged list of checkpoints', 'checkpoints/manifest.json', '{}', '/checkpoints/manifest.json: "format"'],
  ])('%s', async (_, file, content, message) => {
    const run = runs.copy();
    if (content === undefined) rmSync(join(run, file));
    else writeFileSync(join(run, file), content);
    await refused([...resume, run], 1, `${run}${message}`, run);
  });

  test('a folder that is not there', async () => {
    const message = `cannot open the run folder ${runs.root}/gone: there is no such file or folder`;
    await refused([...resume, `${runs.root}/gone`], 1, message, runs.whole);
  });

  test('all checkpoints damaged', async () => {
    const run = runs.copy();
    for (const path of [checkpointOf(run, 3), checkpointOf(run, 4)]) {
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(path, bytes);
    }
    const damaged = `${checkpointOf(run, 4)} is damaged`;
    await refused([...resume, run], 1, `no checkpoint of ${run} can be loaded: ${damaged}`, run);
    // another's parameters would be passed off as those that were asked for
    const last = `the last checkpoint of ${run} cannot be loaded: ${damaged}`;
    await refused(['evaluate', run], 1, last, run);
    await refused(['export', run, join(runs.root, 'damaged.onnx')], 1, last, run);
    await refused(['explain', 'filters', run, '--out', join(runs.root, 'filters')], 1, last, run);
  });

  test('no safetensors where the list says that there are', async () => {
    const run = runs.copy();
    const path = join(run, 'checkpoints', 'manifest.json');
    const hostile = encodeSafetensors(new Map()).fill(0xff, 0, 8);
    const sha256 = createHash('sha256').update(hostile).digest('hex');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    for (const name of Object.keys(manifest.files)) {
      writeFileSync(join(run, 'checkpoints', name), hostile);
      manifest.files[name] = { ...manifest.files[name], bytes: hostile.length, sha256 };
    }
    writeFileSync(path, JSON.stringify(manifest));
    const message = `the last checkpoint of ${run} cannot be loaded: safetensors: the header is said to have `;
    await refused(['evaluate', run], 1, message, run);
  });
});

describe('a run that may not be used is an error of status 1, and left as it was:', () => {
  /** Root may do anything: the command then runs as nobody. */
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const canRun = process.platform !== 'win32' && spawnSync(process.execPath, [main, '--version'], nobody).status === 0;

  test.skipIf(!canRun).each([
    ['read', 0o000, 'cannot open the run folder'],
    ['written', 0o555, 'cannot write'],
  ])(
    `a folder that may not be %s${canRun ? '' : ' (skipped: no user without rights can run the command here)'}`,
    async (_, mode, what) => {
      const run = runs.copy();
      chmodSync(runs.root, 0o755);
      for (const name of ['', ...readdirSync(run, { recursive: true, encoding: 'utf8' })]) {
        if (nobody.uid !== undefined) chownSync(join(run, name), nobody.uid, nobody.gid);
        chmodSync(join(run, name), name === '' || name === 'checkpoints' ? 0o755 : 0o444);
      }
      const before = snapshot(run);
      chmodSync(run, mode);
      const { status, stdout, stderr } = await legenda([...resume, run], nobody);
      chmodSync(run, 0o755);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(new RegExp(`legenda: ${what} ${run}\\S*: permission denied\n`));
      expect(snapshot(run)).toEqual(before);
    },
  );
});

describe.concurrent('a checkpoint from a stranger, with the right digest, is refused by name:', () => {
  const withEvil = async (change: (tensors: Map<string, Tensor>) => unknown, progress?: object): Promise<string> => {
    const run = runs.copy();
    const { tensors, ...last } = (await loadCheckpoint(run, 'last'))!;
    change(tensors);
    const evil = { step: last.step, tensors, progress: { ...(progress ?? last.progress) } };
    await saveCheckpoint(run, evil, { best: true });
    return run;
  };

  const bias = (values: Float32Array | BigInt64Array): Tensor =>
    tensor(values instanceof Float32Array ? 'float32' : 'int64', [values.length], values);

  test.each([
    ['a parameter of another shape, in train', 'float32[11]', resume, [], bias(new Float32Array(11))],
    ['a parameter of another shape, in evaluate', 'float32[11]', ['evaluate'], [], bias(new Float32Array(11))],
    ['a parameter of another type, in export', 'int64[10]', ['export'], ['model.onnx'], bias(new BigInt64Array(10))],
    ['a parameter too few, in train', '', resume, [], undefined],
    ['a parameter too few, in export', '', ['export'], ['model.safetensors'], undefined],
  ])('%s', async (_, came, command, files, value) => {
    const run = await withEvil((tensors) => {
      tensors.delete('average/fc3.bias');
      if (value === undefined) tensors.delete('fc3.bias');
      else tensors.set('fc3.bias', value);
    });
    const { status, stdout, stderr } = await legenda([...command, run, ...files.map((file) => join(run, file))]);
    expect({ status, stdout }, stderr).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^legenda: .*"fc3\.bias"/m);
    expect(stderr).toContain(came);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(readdirSync(run).filter((name) => name.startsWith('model'))).toEqual([]);
  });

  test('progress that is none', async () => {
    const run = await withEvil(() => {}, { epochLoss: 'much' });
    const { status, stderr } = await legenda([...resume, run]);
    expect(status).toBe(1);
    expect(stderr).toContain('legenda: the progress of the checkpoint of step 4: "epochLoss": ');
  });
});
