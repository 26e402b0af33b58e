import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LegendaError, UsageError } from '../errors.js';
import { createRun, openRun, type RunRecord } from './record.js';

const record: RunRecord = {
  format: 1,
  recipe: 'fashion-cnn',
  title: 'Two convolutions, three linear layers',
  configuration: { lr: 0.01, schedule: { name: 'constant' } },
  seed: 42,
  versions: { legenda: '0.1.0', node: 'v20.19.0', onnxruntime: '1.30.0' },
  machine: { cpu: 'a processor', cores: 2, memoryBytes: 8e9, platform: 'linux x64', threads: 2, device: 'cpu' },
  dataset: {
    name: 'fashion-mnist',
    source: 'the bundled sample',
    sample: true,
    digests: { 'train-images': 'c59f' },
    sizes: { train: 2500, validation: 500, test: 600 },
  },
  parameters: 769_930,
  created: '2024-01-02T03:04:05.678Z',
};

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'record-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('createRun', () => {
  it('makes the folder, and openRun gives the record back', async () => {
    const run = join(dir, 'runs', 'first');
    await createRun(run, record);
    expect(await openRun(run)).toEqual(record);
    expect(await readdir(run)).toEqual(['run.json']);
  });

  it('refuses a folder that is a run already, and leaves it', async () => {
    await createRun(dir, record);
    const again = createRun(dir, { ...record, seed: 43 });
    await expect(again).rejects.toThrow(UsageError);
    await expect(again).rejects.toThrow(/is a run already: resume it/);
    expect((await openRun(dir)).seed).toBe(42);
  });

  it('refuses a folder with something in it, and names that', async () => {
    await writeFile(join(dir, 'thesis.txt'), 'years of work');
    await expect(createRun(dir, record)).rejects.toThrow(/is not empty \(it has "thesis\.txt"\)/);
    expect(await readdir(dir)).toEqual(['thesis.txt']);
  });

  it('takes a folder in which a kill left a half-written record', async () => {
    await writeFile(join(dir, '.run.json.0a1b2c3d.tmp'), '{"for');
    await createRun(dir, record);
    expect(await openRun(dir)).toEqual(record);
  });

  it('refuses a path that is a file', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(createRun(join(dir, 'file'), record)).rejects.toThrow(LegendaError);
  });

  it('refuses a record that could not be read again', async () => {
    await expect(createRun(dir, { ...record, seed: Number.NaN })).rejects.toThrow(/run record: "seed"/);
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('openRun refuses', () => {
  it('a folder that is not there', async () => {
    await expect(openRun(join(dir, 'gone'))).rejects.toThrow(/gone: there is no such file or folder/);
  });

  it('a folder that is no run', async () => {
    await expect(openRun(dir)).rejects.toThrow(`${dir} is not a run: it has no run.json`);
  });

  it('a run.json that is a folder', async () => {
    await createRun(dir, record);
    await rm(join(dir, 'run.json'));
    await createRun(join(dir, 'run.json'), record);
    await expect(openRun(dir)).rejects.toThrow(/run\.json: it is a folder/);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -20), /run\.json is not JSON/],
    ['not an object', () => '[1]', /run\.json: .*expected object/],
    ['of another program', () => '{"name":"x"}', /run\.json has no format, this version of Legenda reads format 1/],
    [
      'of a later version',
      (text: string) => text.replace('"format": 1', '"format": 2'),
      /has format 2.* reads format 1/,
    ],
    [
      'with a wrong value',
      (text: string) => text.replace('"cores": 2', '"cores": "two"'),
      /"machine\.cores": .*number/,
    ],
    ['without a key', (text: string) => text.replace('"seed": 42,', ''), /"seed": /],
  ])('a run.json %s', async (_, damage, message) => {
    await createRun(dir, record);
    const path = join(dir, 'run.json');
    await writeFile(path, damage(await readFile(path, 'utf8')));
    await expect(openRun(dir)).rejects.toThrow(LegendaError);
    await expect(openRun(dir)).rejects.toThrow(message);
  });
});
