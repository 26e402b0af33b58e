import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledRoot, fashionMnistFiles } from '../src/data/fashion-mnist.js';
import { fashionMnist, locateFiles } from '../src/data/pinned-sets.js';
import { dataRoot } from '../src/data/root.js';
import { legenda, snapshot } from './support/cli.js';
import { inFolder } from './support/training.js';

const paths = await locateFiles(fashionMnist, dataRoot());
const files = fashionMnistFiles.files.map((file, i) => ({ ...file, path: paths[i] }));

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

const refused = async (name: string, bytes: Uint8Array, problem: RegExp): Promise<void> =>
  inFolder(async (root) => {
    const path = join(root, 'fashion-mnist', name);
    mkdirSync(join(root, 'fashion-mnist'));
    writeFileSync(path, bytes);
    const before = snapshot(root);
    const result = await legenda(['train', 'fashion-cnn', '--data', root, '--out', join(root, 'run')]);
    expect(result).toMatchObject({ status: 1, stdout: '', stderr: expect.not.stringMatching(/\n {4}at /) });
    expect(result.stderr.startsWith(`legenda: ${path} is not what it should be: `), result.stderr).toBe(true);
    expect(result.stderr).toMatch(problem);
    expect(result.stderr).toContain(`"legenda data get fashion-mnist --force --data ${root}"`);
    expect(snapshot(root)).toEqual(before);
  });

test.concurrent.for(files)(
  'train refuses a damaged $name, names it, and leaves it',
  async ({ name, path, sha256 }, context) => {
    if (path === undefined) return context.skip('no full Fashion-MNIST here: run "legenda data get fashion-mnist"');
    const good = readFileSync(path);
    const sample = readFileSync(join(bundledRoot, 'fashion-mnist-sample', name));
    await refused(name, good.subarray(0, good.length >> 1), /cut short or damaged: unexpected end of file/);
    await refused(name, flipped(good), new RegExp(`expected sha256 ${sha256}`));
    await refused(name, sample, new RegExp(`expected sha256 ${sha256} .*, got .* bytes instead of `));
  },
);
