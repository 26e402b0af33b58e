import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { summariseOnnx } from '../src/models/onnx-summary.js';
import { decodeSafetensors } from '../src/tensor/safetensors.js';
import { loadCheckpoint } from '../src/train/checkpoint.js';
import { readEvents } from '../src/train/events.js';
import { inferenceParameters } from '../src/train/step-graph.js';
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
      `${dir}: test accuracy ${tested.accuracy?.toFixed(4)}, test loss ${tested.loss?.toFixed(4)}\n`,
    );

    const scoresOf = async (split: string) => {
      const { status, stdout, stderr } = await legenda(['evaluate', dir, '--split', split, '--threads', '1', '--json']);
      expect(status, stderr).toBe(0);
      const { confusion, ...scores } = JSON.parse(stdout);
      const images = confusion.flat().reduce((sum: number, count: number) => sum + count, 0);
      return { ...scores, images };
    };
    const exported = async (name: string) => {
      const file = join(root, name);
      expect(await legenda(['export', dir, file])).toMatchObject({ status: 0, stdout: '' });
      return readFileSync(file);
    };
    const [onTest, onValidation, safetensors, onnx] = await Promise.all([
      ...[scoresOf('test'), scoresOf('validation')],
      ...[exported('model.safetensors'), exported('model.onnx')],
    ]);
    const { loss, accuracy } = tested;
    expect(onTest).toMatchObject({ run: dir, split: 'test', step: 50, loss, accuracy, images: 600 });
    expect(onValidation).toMatchObject({ run: dir, split: 'validation', step: 50, ...validation, images: 1500 });

    const { tensors } = decodeSafetensors(safetensors);
    const saved = inferenceParameters((await loadCheckpoint(dir, 'last'))!.tensors);
    expect(bitsOf(saved)).toMatchObject(bitsOf(tensors));
    expect([...tensors.keys()].filter((name) => name.startsWith('fc3.'))).toEqual(['fc3.bias', 'fc3.weight']);
    const { parameters } = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8'));
    expect(summariseOnnx(onnx, 'model.onnx').parameters).toBe(parameters);
  });
});
