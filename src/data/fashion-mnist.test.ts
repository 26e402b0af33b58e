import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabelledImages } from './dataset.js';
import {
  bundledRoot,
  fashionMnistFiles,
  fashionMnistSampleFiles,
  loadFashionMnist,
  loadFashionMnistSample,
} from './fashion-mnist.js';
import { UnavailableError } from './obtain.js';
import { fashionMnist, fashionMnistSample, locateFiles, verifyFiles } from './pinned-sets.js';
import { findSet, knownSets } from './registry.js';
import { dataRoot } from './root.js';

let empty: string;
beforeEach(async () => {
  empty = await mkdtemp(join(tmpdir(), 'legenda-test-'));
});
afterEach(() => rm(empty, { recursive: true }));

const classCounts = ({ labels }: LabelledImages): number[] =>
  Array.from({ length: 10 }, (_, label) => labels.filter((own) => own === label).length);

const image = ({ pixels }: LabelledImages, index: number): string =>
  Buffer.from(pixels.subarray(index * 784, index * 784 + 784)).toString('base64');

describe('the bundled sample', () => {
  test('has as many images of each class, none of them empty or twice', async () => {
    const { train, test: held, classes, sample, digests } = await loadFashionMnistSample();
    expect(sample).toBe(true);
    expect(classes).toHaveLength(10);
    expect(train).toMatchObject({ count: 3000, channels: 1, height: 28, width: 28 });
    expect(held).toMatchObject({ count: 600, channels: 1, height: 28, width: 28 });
    expect(classCounts(train)).toEqual(new Array(10).fill(300));
    expect(classCounts(held)).toEqual(new Array(10).fill(60));
    const all = Array.from({ length: 3000 }, (_, i) => image(train, i));
    expect(new Set(all).size).toBe(3000);
    expect(Object.keys(digests)).toContain('train-images-idx3-ubyte');
  });

  test('is used only where the full set is not to be had, and only when that is allowed', async (context) => {
    if (existsSync(fashionMnistFiles.debian!.folder)) context.skip("Debian's package of Fashion-MNIST is installed");
    const options = { root: empty, offline: true };
    expect(await loadFashionMnist({ ...options, allowSample: true })).toMatchObject({ sample: true });
    await expect(loadFashionMnist(options)).rejects.toBeInstanceOf(UnavailableError);
  });

  test('does not stand in for a full set that is damaged', async () => {
    await cp(join(bundledRoot, fashionMnistSampleFiles.name), join(empty, fashionMnistFiles.name), { recursive: true });
    const loading = loadFashionMnist({ root: empty, offline: true, allowSample: true });
    await expect(loading).rejects.toThrow(/train-images-idx3-ubyte\.gz is not what it should be.*got 6590302eb923/);
  });
});

test('the full set loads, and holds the sample', async (context) => {
  const root = dataRoot();
  const paths = await locateFiles(fashionMnist, root);
  if (paths.includes(undefined)) context.skip(`Fashion-MNIST is not in ${root}: run "legenda data get fashion-mnist"`);
  const full = await loadFashionMnist({ root, offline: true });
  expect(full).toMatchObject({ sample: false, train: { count: 60_000 }, test: { count: 10_000 } });
  expect(classCounts(full.train)).toEqual(new Array(10).fill(6000));
  const known = new Map(Array.from({ length: 60_000 }, (_, i) => [image(full.train, i), full.train.labels[i]]));
  const { train } = await loadFashionMnistSample();
  for (let i = 0; i < train.count; i++) expect(known.get(image(train, i))).toBe(train.labels[i]);
});

describe('the register', () => {
  test('verifies the bundled sample', async () => {
    const checks = await verifyFiles(fashionMnistSample, empty);
    expect(checks.map(({ state }) => state)).toEqual(['good', 'good', 'good', 'good']);
  });

  test('tells wrong from missing', async () => {
    const target = join(empty, 'fashion-mnist', 't10k-labels-idx1-ubyte.gz');
    await cp(join(bundledRoot, 'fashion-mnist-sample', 't10k-labels-idx1-ubyte.gz'), target);
    const { debian: _, ...files } = fashionMnist.files;
    const checks = await verifyFiles({ ...fashionMnist, files }, empty);
    expect(checks.map(({ state }) => state)).toEqual(['missing', 'missing', 'missing', 'wrong']);
    expect(checks[3]).toMatchObject({ path: target, problem: expect.stringContaining('(608 bytes instead of 10008)') });
  });

  test('knows its sets by name', () => {
    expect(knownSets.map(({ name }) => findSet(name))).toEqual(knownSets);
    expect(() => findSet('mnist')).toThrow(
      'there is no data set "mnist"; known are fashion-mnist, fashion-mnist-sample',
    );
  });
});
