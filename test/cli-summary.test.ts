import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LegendaError } from '../src/errors.js';
import { FashionCnn } from '../src/models/classifier.js';
import { summariseOnnx } from '../src/models/onnx-summary.js';
import { initialParameters } from '../src/nn/module.js';
import { integer, stream } from '../src/tensor/random.js';
import { exportModel } from '../src/train/export.js';
import { legenda, refused, snapshot } from './support/cli.js';
import { onnxModel, onnxNode, valueInfo } from './support/onnx-model.js';
import { inFolder } from './support/training.js';

const network = new FashionCnn();
const good = exportModel(network, [1, 28, 28], initialParameters(network, 1));

const node = (
  text: string,
  ...attributes: Parameters<typeof onnxNode> extends [string, ...infer Rest] ? Rest : never
) =>
  onnxModel({
    name: 'g',
    input: [valueInfo('x', 'float32', [1, 2])],
    output: [valueInfo('y', 'float32', [1, 2])],
    node: [onnxNode(text, ...attributes)],
  });

describe.concurrent('summary of an ONNX file', () => {
  test('that is good, of which there is a table and JSON', async () => {
    await inFolder(async (root) => {
      const path = join(root, 'model.onnx');
      writeFileSync(path, good);
      const { status, stdout } = await legenda(['summary', path, '--json']);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ parameters: 769_930, name: path });
      expect((await legenda(['summary', path])).stdout).toMatch(/\ntotal +769,930 /);
    });
  });

  test.each([
    ['is not there', undefined, 'there is no such file or folder'],
    [
      'is text',
      new TextEncoder().encode('{"a": "model"}'),
      'not an ONNX model: a value of wire type 3 came (byte 1 of 14)',
    ],
    ['is cut short', good.subarray(0, good.length >> 1), 'not an ONNX model: 3081158 bytes are announced where '],
    ['has an op that is not known', node('Bogus: x -> y'), 'Bogus'],
  ])('that %s ends with status 1 and says what is wrong', async (_, bytes, message) => {
    await inFolder(async (root) => {
      const path = join(root, 'model.onnx');
      if (bytes !== undefined) writeFileSync(path, bytes);
      const before = snapshot(root);
      const result = await legenda(['summary', path]);
      expect(result).toMatchObject({ status: 1, stdout: '', stderr: expect.not.stringMatching(/\n {4}at /) });
      expect(result.stderr).toContain(path);
      expect(result.stderr).toContain(message);
      expect(snapshot(root)).toEqual(before);
    });
  });

  test('takes no settings, which are those of recipes', async () => {
    await inFolder(async (root) => {
      const path = join(root, 'model.onnx');
      writeFileSync(path, good);
      await refused(['summary', path, '--set', 'nonsense'], 2, `--set is for recipes, ${path} is a file`, root);
    });
  });

  test('that is a folder, or larger than any model, is refused without reading it', async () => {
    await inFolder(async (root) => {
      const [folder, huge] = [join(root, 'folder.onnx'), join(root, 'huge.onnx')];
      mkdirSync(folder);
      const file = openSync(huge, 'w');
      ftruncateSync(file, 2 ** 40);
      closeSync(file);
      expect(await legenda(['summary', folder])).toMatchObject({
        status: 1,
        stderr: `legenda: cannot read ${folder}: it is a folder, a file was expected\n`,
      });
      const refused = `legenda: ${huge} has ${2 ** 40} bytes, more than the ${2 ** 30} that are accepted\n`;
      expect(await legenda(['summary', huge])).toMatchObject({ status: 1, stderr: refused });
    });
  });

  test('with bits flipped or bytes missing anywhere is summarised or refused by name, and nothing else', () => {
    const random = stream(5, 'hostile');
    let refused = 0;
    for (let round = 0; round < 150; round++) {
      // Structure is at both ends; the weights between would be hit nearly always.
      const near = () =>
        integer(random, 0, 1) === 0 ? integer(random, 0, 400) : good.length - 1 - integer(random, 0, 4000);
      let bytes = good.slice();
      for (let flips = integer(random, 1, 8); flips > 0; flips--) bytes[near()]! ^= 1 << integer(random, 0, 7);
      if (round % 3 === 0) bytes = bytes.slice(0, near());
      try {
        summariseOnnx(bytes, 'hostile');
      } catch (error) {
        expect(error, String((error as Error).stack)).toBeInstanceOf(LegendaError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(75);
  });
});

describe.concurrent('train --weights of a safetensors file', () => {
  test.each([
    ['is empty', new Uint8Array(), 'safetensors: 0 bytes are too few for a header'],
    [
      'promises a header of exabytes',
      new Uint8Array(64).fill(0xff),
      'safetensors: the header is said to have 18446744073709551615 bytes',
    ],
  ])('that %s ends with status 1, and makes no run', async (_, bytes, message) => {
    await inFolder(async (root) => {
      const path = join(root, 'weights.safetensors');
      writeFileSync(path, bytes);
      const before = snapshot(root);
      const result = await legenda(['train', 'fashion-cnn', '--sample', '--weights', path, '--out', join(root, 'run')]);
      expect(result).toMatchObject({ status: 1, stdout: '', stderr: expect.not.stringMatching(/\n {4}at /) });
      expect(result.stderr).toContain(`legenda: ${path}: ${message}`);
      expect(snapshot(root)).toEqual(before);
    });
  });
});
