import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { inFolder } from '../../test/support/training.js';
import { fixPaths } from './fix-paths.js';

it('makes paths absolute that are there, and leaves names as they are', async () => {
  await inFolder(async (root) => {
    const [set, file] = [join(root, 'here', 'set'), join(root, 'encoder.onnx')];
    mkdirSync(set, { recursive: true });
    mkdirSync(join(root, 'data', 'set'), { recursive: true });
    writeFileSync(file, '');
    const from = (path: string) => relative(process.cwd(), path);
    const data = join(root, 'data');
    expect(await fixPaths({ dataset: from(set), encoder: from(file), lr: 1 }, data)).toEqual({
      dataset: set,
      encoder: file,
      lr: 1,
    });
    for (const same of [
      { dataset: 'set' },
      { dataset: 'scenes', encoder: 'resnet18' },
      { dataset: 'gone', encoder: 'no.onnx' },
      {},
    ])
      expect(await fixPaths(same, data)).toEqual(same);
  });
});
