import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main, type Result, legenda as runLegenda } from './support/cli.js';

const sample = fileURLToPath(new URL('../data/fashion-mnist-sample', import.meta.url));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-test-'));
});
afterEach(() => rm(root, { recursive: true }));

const legenda = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> =>
  runLegenda(args, { env: { LEGENDA_DATA: root, ...env } });

describe('the frame', () => {
  test('prints its version and its help on standard output', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
    expect(await legenda(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    const help = await legenda(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: legenda .*\n {2}data /s);
  });

  test.each([
    ['no command', [], 'Usage: legenda'],
    ['an unknown command', ['dta'], "legenda: unknown command 'dta'\n(Did you mean data?)"],
    ['an unknown subcommand', ['data', 'veryfi'], "legenda: unknown command 'veryfi'\n(Did you mean verify?)"],
    ['an unknown option', ['data', 'list', '--jsn'], "legenda: unknown option '--jsn'\n(Did you mean --json?)"],
    ['a missing argument', ['data', 'get'], "legenda: missing required argument 'name'"],
    ['an argument too many', ['data', 'list', 'x'], 'legenda: too many arguments for'],
    ['a data set that is not known', ['data', 'get', 'mnist'], 'legenda: there is no data set "mnist"; known are'],
  ])('answers %s with status 2 and nothing on standard output', async (_, args, message) => {
    const result = await legenda(args);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toContain('    at ');
  });

  test('ends quietly when nobody reads its output any more', async () => {
    const child = spawn(process.execPath, [main, 'data', 'list', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('data', () => {
  test('list says what is here, for people and for programs', async () => {
    const people = await legenda(['data', 'list']);
    expect(people.stdout).toMatch(/^NAME +STATE +SIZE +WHAT\nfashion-mnist .*\nfashion-mnist-sample +bundled +2\.8 MB/);
    expect(people.stderr).toBe(`data root: ${root}\n`);
    const programs = await legenda(['data', 'list', '--json', '--data', join(root, 'other')]);
    const { root: used, sets } = JSON.parse(programs.stdout);
    expect(used).toBe(join(root, 'other'));
    expect(sets[1]).toMatchObject({ name: 'fashion-mnist-sample', state: 'here', bundled: true });
  });

  test('get answers with what is bundled', async () => {
    const got = await legenda(['data', 'get', 'fashion-mnist-sample']);
    expect(got).toMatchObject({ status: 0, stderr: '' });
    expect(got.stdout).toContain('4 files, all as they should be');
  });

  test('verify: what is good, wrong and missing, and status 1 for the last two', async () => {
    expect(await legenda(['data', 'verify', 'fashion-mnist-sample'])).toMatchObject({ status: 0, stderr: '' });
    const name = 't10k-labels-idx1-ubyte.gz';
    const path = join(root, 'fashion-mnist', name);
    await mkdir(join(root, 'fashion-mnist'));
    await copyFile(join(sample, name), path);
    const result = await legenda(['data', 'verify', '--json'], { NO_COLOR: '1' });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(`${path} (wrong)`);
    const { sets } = JSON.parse(result.stdout);
    expect(sets[0].files.at(-1)).toMatchObject({ path, state: 'wrong', problem: expect.stringContaining('608 bytes') });
    expect(sets[1].files[0]).toMatchObject({ state: 'good' });
  });

  test('a damaged file is an error of status 1 that says how to mend it, without a stack', async () => {
    const path = join(root, 'fashion-mnist', 'train-labels-idx1-ubyte.gz');
    await mkdir(join(root, 'fashion-mnist'));
    await writeFile(path, 'not gzip');
    const result = await legenda(['data', 'get', 'fashion-mnist']);
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toContain(`legenda: ${path} is not what it should be`);
    expect(result.stderr).toContain('legenda data get fashion-mnist --force');
    expect(result.stderr).not.toContain('    at ');
    expect(await readFile(path, 'utf8')).toBe('not gzip');
  });

  test('colours only where they are asked for', async () => {
    const args = ['data', 'verify', 'fashion-mnist-sample'];
    expect((await legenda(args)).stdout).not.toContain('\u001b');
    expect((await legenda(args, { FORCE_COLOR: '1' })).stdout).toContain('\u001b');
    expect((await legenda(args, { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain('\u001b');
  });
});
