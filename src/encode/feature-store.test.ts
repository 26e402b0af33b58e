import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FeatureStore } from './feature-store.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legenda-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const image = (i: number): string => createHash('sha256').update(`${i}`).digest('hex');
const features = (i: number): Float32Array => Float32Array.from({ length: 6 }, (_, k) => i + k / 8);
const open = (key = 'encoder') => FeatureStore.open(folder, key, [2, 3]);
const path = () => join(folder, readdirSync(folder)[0]!);

function read(store: FeatureStore, i: number): number[] {
  const into = new Float32Array(6);
  store.read(image(i), into);
  return [...into];
}

function fill(count: number): void {
  using store = open();
  for (let i = 0; i < count; i++) store.add(image(i), features(i));
}

it('keeps features in half precision, also for the next who opens it', () => {
  fill(3);
  using store = open();
  expect([0, 1, 2, 3].map((i) => store.has(image(i)))).toEqual([true, true, true, false]);
  for (let i = 0; i < 3; i++) expect(read(store, i)).toEqual([...features(i)]);
  store.add(image(1), features(9));
  expect(read(store, 1)).toEqual([...features(1)]);
  store.add(image(3), Float32Array.of(0.1, 1 / 3, -2.7, 6, 1e-5, 0));
  for (const [k, value] of [0.1, 1 / 3, -2.7, 6, 1e-5, 0].entries()) expect(read(store, 3)[k]).toBeCloseTo(value, 2);
  expect(() => read(store, 4)).toThrow(/has no features of the image/);
});

it('has a file of its own for every encoder and shape', () => {
  fill(1);
  using other = open('another encoder');
  using wider = FeatureStore.open(folder, 'encoder', [3, 2]);
  expect(other.has(image(0)) || wider.has(image(0))).toBe(false);
  expect(readdirSync(folder)).toHaveLength(3);
});

it('loses only what is cut or damaged, wherever that is', () => {
  fill(3);
  const bytes = readFileSync(path());
  const record = bytes.length / 3;
  for (let place = 0; place < bytes.length; place++) {
    const wrong = Buffer.from(bytes);
    wrong[place]! ^= 0x10;
    writeFileSync(path(), wrong);
    using store = open();
    const hit = Math.floor(place / record);
    expect([store.damaged, ...[0, 1, 2].map((i) => store.has(image(i)))]).toEqual([1, hit !== 0, hit !== 1, hit !== 2]);
    store.add(image(hit), features(hit));
    for (let i = 0; i < 3; i++) expect(read(store, i)).toEqual([...features(i)]);
  }
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(path(), bytes);
    truncateSync(path(), length);
    fill(3);
    using store = open();
    expect(store.damaged).toBe(0);
    for (let i = 0; i < 3; i++) expect(read(store, i)).toEqual([...features(i)]);
  }
});

it('notices what changes while it is open', () => {
  fill(2);
  using store = open();
  const bytes = readFileSync(path());
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path(), bytes);
  expect(read(store, 0)).toEqual([...features(0)]);
  expect(() => read(store, 1)).toThrow(/is damaged at byte \d+: it has changed since it was opened/);
});

it('gives no other image’s features when another process has added some meanwhile', () => {
  using store = open();
  fill(2);
  store.add(image(7), features(7));
  expect(() => read(store, 7)).toThrow(/is damaged at byte \d+: it has changed since it was opened/);
});

it('says when its folder cannot be written to', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => FeatureStore.open(file, 'encoder', [1])).toThrow(/cannot open .*file/);
});
