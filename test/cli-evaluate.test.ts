import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeSafetensors } from '../src/tensor/safetensors.js';
import { loadCheckpoint } from '../src/train/checkpoint.js';
import { readEvents } from '../src/train/events.js';
import { inferenceParameters } from '../src/train/fit.js';
import { legenda, settings } from './support/cli.js';
import { bitsOf, inFolder, smallSettings } from './support/training.js';

test('evaluate and export find in a run what its training saw and saved', async () => {
  await inFolder(async (root) => {
    const dir = join(root, 'run');
    const small = { ...smallSettings, batch: 60, validation: 0.5, epochs: 2 };
    const options = ['--sample', '--threads', '1', '--out', dir, ...settings(small)];
    const trained = await legenda(['train', 'fashion-cnn-best', ...options]);
    expect(trained.status, trained.stderr).toBe(0);
    const events = await readEvents(dir);
    const tested = events.find((event) => event.type === 'test')!;
    const { validation } = events.findLast((event) => event.type === 'epoch')!;
    expect(trained.stdout).toBe(
      `${dir}: test accuracy ${tested.accuracy.toFixed(4)}, test loss ${tested.loss.toFixed(4)}\n`,
    );

    for (const [split, { loss, accuracy }, images] of [
      ['test', tested, 600],
      ['validation', validation, 1500],
    ] as const) {
      const { status, stdout, stderr } = await legenda(['evaluate', dir, '--split', split, '--threads', '1', '--json']);
      expect(status, stderr).toBe(0);
      const scores = JSON.parse(stdout);
      expect(scores).toMatchObject({ run: dir, split, step: 50, loss, accuracy });
      const counts = scores.confusion.flat().reduce((sum: number, count: number) => sum + count, 0);
      expect(counts).toBe(images);
    }

    const file = join(root, 'model.safetensors');
    expect(await legenda(['export', dir, file])).toMatchObject({ status: 0, stdout: '' });
    const { tensors } = decodeSafetensors(readFileSync(file));
    const saved = inferenceParameters((await loadCheckpoint(dir, 'last'))!.tensors);
    expect(bitsOf(saved)).toMatchObject(bitsOf(tensors));
    expect([...tensors.keys()].filter((name) => name.startsWith('fc3.'))).toEqual(['fc3.bias', 'fc3.weight']);
    const onnx = join(root, 'model.onnx');
    expect(await legenda(['export', dir, onnx])).toMatchObject({ status: 0, stdout: '' });
    const { stdout } = await legenda(['summary', onnx, '--json']);
    expect(JSON.parse(stdout).parameters).toBe(JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')).parameters);
  });
});
