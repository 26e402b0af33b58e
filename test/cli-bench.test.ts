import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Share } from '../src/bench/profile/shares.js';
import { legenda, refused, settings } from './support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-bench-'));
const [profiles, empty] = [join(folder, 'profiles'), join(folder, 'empty')];
for (const path of [profiles, empty]) mkdirSync(path);
afterAll(() => rmSync(folder, { recursive: true }));

const bench = (...args: string[]) => legenda(['bench', ...args, '--threads', '1'], { env: { TMPDIR: profiles } });
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('legenda bench', () => {
  test('prints what a step costs as JSON, with a profile that adds up and leaves nothing behind', async () => {
    const { status, stdout, stderr } = await bench(
      'fashion-cnn',
      '--batch',
      '2',
      '--steps',
      '3',
      '--profile',
      '--json',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ recipe: 'fashion-cnn', batch: 2, threads: 1, step: { count: 3, rounds: 1 } });
    const { step, operations, gflopPerSecond, ceilingGflopPerSecond, shareOfCeiling, profile } = result;
    expect(step.least).toBeGreaterThan(0);
    expect(step.median).toBeGreaterThanOrEqual(step.least);
    expect(step.greatest).toBeGreaterThanOrEqual(step.median);
    expect(gflopPerSecond).toBeCloseTo(operations.flop / step.median / 1e6, 9);
    expect(shareOfCeiling).toBeCloseTo(gflopPerSecond / ceilingGflopPerSecond, 9);
    expect(sum(Object.values(operations.byOp))).toBe(operations.nodes);

    expect(profile.runs).toBe(3);
    for (const groups of [profile.types, profile.layers] as Share[][]) {
      expect(sum([profile.between, ...groups.map((own) => own.microseconds)])).toBeCloseTo(profile.microseconds, 6);
      expect(sum([profile.between / profile.microseconds, ...groups.map(({ share }) => share)])).toBeCloseTo(1, 9);
    }
    expect(profile.types.map(({ name }: Share) => name)).toContain('Gemm');
    const conv1 = profile.layers.find(({ name }: Share) => name === 'conv1');
    for (const phase of ['forward', 'backward', 'update']) expect(conv1[phase], phase).toBeGreaterThan(0);
    // ONNX Runtime itself leaves files of its own there
    expect(readdirSync(profiles).filter((name) => name.startsWith('legenda'))).toEqual([]);
  });

  test('prints two tables of a captioner', async () => {
    const small = settings({ hidden: 6, embedding: 4, attention: 5, batch: 2 });
    const sizes = ['--regions', '4', '--region-size', '8', '--words', '3', '--vocabulary', '12'];
    const { status, stdout } = await bench('captioner-attention', ...small, ...sizes, '--steps', '2', '--profile');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^captioner-attention, batch 2: 0\.000 GFLOP a step, \d+ nodes\n/);
    expect(stdout).toMatch(/\ncompiled in [\d.]+ s: .* for the graph .* for the session\n/);
    expect(stdout).toMatch(/\n[\d.]+ ms a step, median of 2 in 2 rounds \([\d.]+ to [\d.]+\)\n/);
    expect(stdout).toMatch(/ GFLOP\/s, [\d.]+ % of the ceiling: .* GFLOP\/s on 1 thread\n/);
    expect(stdout).toMatch(/\nTYPE +CALLS +µs A STEP +SHARE\n/);
    expect(stdout).toMatch(/\nLAYER +CALLS +FORWARD +BACKWARD +UPDATE +µs A STEP +SHARE\n/);
    expect(stdout).toMatch(/\ndecoder\.attention\.query +\d/);
    expect(stdout).toMatch(/\ntotal .* 100\.0 %\n$/);
  });

  test.each([
    [['fashion-cn'], 'there is no recipe "fashion-cn" (did you mean fashion-cnn?)'],
    [['fashion-cnn', '--batch', '0'], "option '--batch <n>' argument '0' is invalid. Expected a whole number from 1"],
    [['fashion-cnn', '--steps', '0'], "option '--steps <n>' argument '0' is invalid. Expected a whole number from 1"],
    [['fashion-cnn', '--set', 'batch=0'], 'batch: Too small: expected number to be >=1, got 0'],
    [['fashion-cnn', '--words', '9'], 'words is a size of captioners, fashion-cnn is a classifier'],
    [['captioner', '--set', 'dataset=mine'], '"dataset" changes nothing here'],
    [[], "missing required argument 'recipe'"],
  ])('%j is wrong usage', async (args, message) => {
    await refused(['bench', ...args], 2, message, empty);
  });
});
