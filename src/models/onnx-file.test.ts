import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onnxModel, onnxNode, valueInfo } from '../../test/support/onnx-model.js';
import { readOnnx } from '../onnx/read.js';
import { readOnnxFile } from './onnx-file.js';

const naming = (location: string): Uint8Array =>
  onnxModel({
    name: 'g',
    input: [valueInfo('x', 'float32', [2])],
    output: [valueInfo('y', 'float32', [2])],
    node: [onnxNode('Mul: x, w -> y')],
    initializer: [
      { name: 'w', dims: [2n], dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: location }] },
    ],
  });

let root: string;
let inside: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-onnx-'));
  inside = join(root, 'inside');
  await mkdir(join(inside, 'weights'), { recursive: true });
  const values = new Uint8Array(Float32Array.of(3, 4).buffer);
  await writeFile(join(root, 'outside.data'), values);
  await writeFile(join(inside, 'm.data'), values);
  await writeFile(join(inside, 'weights', 'w'), values);
  await symlink(join(root, 'outside.data'), join(inside, 'link'));
});
afterAll(() => rm(root, { recursive: true }));

const read = async (location: string): Promise<Uint8Array> => {
  const path = join(inside, 'm.onnx');
  await writeFile(path, naming(location));
  return readOnnxFile(path);
};

test.each(['m.data', './m.data', 'weights/w'])('a model has the values that are in %s, in its folder', async (name) => {
  const { parameters } = readOnnx(await read(name));
  expect(parameters.get('w')!.data).toEqual(Float32Array.of(3, 4));
});

test('a model that is a link has its values beside what it leads to', async () => {
  // as caches have them that name files by their digests
  const store = join(root, 'store');
  const shown = join(root, 'shown');
  await Promise.all([mkdir(store), mkdir(shown)]);
  await writeFile(join(store, 'a1'), naming('m.onnx_data'));
  await writeFile(join(store, 'b2'), new Uint8Array(Float32Array.of(5, 6).buffer));
  await symlink(join(store, 'a1'), join(shown, 'm.onnx'));
  await symlink(join(store, 'b2'), join(shown, 'm.onnx_data'));
  const { parameters } = readOnnx(await readOnnxFile(join(shown, 'm.onnx')));
  expect(parameters.get('w')!.data).toEqual(Float32Array.of(5, 6));
});

test.each([
  ['../outside.data', 'values are in "../outside.data", a file in the model\'s own folder is expected'],
  ['weights/../../outside.data', "a file in the model's own folder is expected"],
  ['/etc/passwd', 'values are in "/etc/passwd", a file in the model\'s own folder is expected'],
  ['..\\outside.data', "a file in the model's own folder is expected"],
  ['', "a file in the model's own folder is expected"],
  ['link', 'values are in "link", a link to a file outside of the model\'s own folder'],
  ['absent', 'absent: there is no such file or folder'],
  ['weights', 'it is a folder, a file was expected'],
])('values in %s are refused', async (name, message) => {
  await expect(read(name)).rejects.toThrow(message);
  await expect(read(name)).rejects.toThrow(join(inside, 'm.onnx'));
});

test('all files together have a limit', async () => {
  await read('m.data');
  const path = join(inside, 'm.onnx');
  await expect(readOnnxFile(path, naming('m.data').length + 7)).rejects.toThrow('has 8 bytes, more than the 7');
});
