import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const project = fileURLToPath(new URL('..', import.meta.url));

/** A project of its own with the real script, the real compiler and a dependency that needs no network. */
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-test-'));
  await mkdir(join(root, 'scripts'));
  await copyFile(join(project, 'scripts/setup.js'), join(root, 'scripts/setup.js'));
  const compilerOptions = {
    rootDir: 'src',
    outDir: 'dist',
    module: 'nodenext',
    target: 'es2023',
    types: [] as string[],
  };
  await put('package.json', { type: 'module', engines: { node: '>=20.19' }, dependencies: { local: 'file:local' } });
  await put('tsconfig.json', {});
  await put('tsconfig.build.json', {
    compilerOptions: {
      ...compilerOptions,
      declaration: true,
      skipLibCheck: true,
      incremental: true,
      tsBuildInfoFile: 'dist/.tsbuildinfo',
    },
    include: ['src'],
    exclude: ['src/**/*.test.ts'],
  });
  await put('local/package.json', { name: 'local', version: '1.0.0' });
  await put('package-lock.json', {
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { dependencies: { local: 'file:local' } },
      local: { version: '1.0.0' },
      'node_modules/local': { resolved: 'local', link: true },
      'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['aix'] },
    },
  });
  await put('src/cli/main.ts', `#!/usr/bin/env node\n${program('it runs')}`);
  await put('src/gone.ts', 'export const gone = 1;\n');
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, content: unknown): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** As after an install: the compiler is there, and npm's own record of it. */
async function pretendInstalled(): Promise<void> {
  await mkdir(join(root, 'node_modules'));
  await symlink(join(project, 'node_modules/typescript'), join(root, 'node_modules/typescript'));
  await copyFile(join(root, 'package-lock.json'), join(root, 'node_modules/.package-lock.json'));
}

function setup(): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'scripts/setup.js')], (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const program = (text: string) => `declare const console: { log(text: string): void };\nconsole.log('${text}');\n`;

const silent = { status: 0, stdout: '', stderr: '' };
const built = { status: 0, stdout: '', stderr: 'legenda: building dist/ …\n' };

describe('setup', () => {
  test('builds, makes the command run, and is silent when there is nothing to do', async () => {
    await pretendInstalled();
    expect(await setup()).toEqual(built);
    const command = join(root, 'node_modules/.bin/legenda');
    const output = await new Promise((resolve) => execFile(command, (_, stdout) => resolve(stdout)));
    expect(output).toBe('it runs\n');
    expect(await setup()).toEqual(silent);
  });

  test('builds again after a change, a removal in src or a removal in dist', async () => {
    await pretendInstalled();
    await put('src/unbuilt.test.ts', 'export const x = 1;\n');
    await setup();
    await put('src/cli/main.ts', program('it runs anew'));
    expect(await setup()).toEqual(built);
    expect(await readFile(join(root, 'dist/cli/main.js'), 'utf8')).toContain('anew');
    await rm(join(root, 'src/gone.ts'));
    await put('dist/stale/old.js', '');
    expect(await setup()).toEqual(built);
    expect((await readdir(join(root, 'dist'), { recursive: true })).filter((name) => /\.(js|ts)$/.test(name))).toEqual([
      join('cli', 'main.d.ts'),
      join('cli', 'main.js'),
    ]);
    await rm(join(root, 'dist/cli/main.js'));
    expect(await setup()).toEqual(built);
    expect((await stat(join(root, 'dist/cli/main.js'))).mode & 0o111).toBe(0o111);
  });

  test('builds the studio, where there is one, again when it or the program has changed', async () => {
    await pretendInstalled();
    for (const name of ['vite', 'svelte', 'onnxruntime-web'])
      await symlink(join(project, 'node_modules', name), join(root, 'node_modules', name));
    await put(
      'apps/studio/vite.config.js',
      'export default { build: { outDir: "../../dist/studio", emptyOutDir: true } };\n',
    );
    await put('apps/studio/index.html', '<!doctype html><title>before</title>');
    const both = { ...built, stderr: `${built.stderr}legenda: building the studio …\n` };
    const page = () => readFile(join(root, 'dist/studio/index.html'), 'utf8');
    expect(await setup()).toEqual(both);
    expect(await page()).toContain('before');
    expect(await setup()).toEqual(silent);
    await put('apps/studio/index.html', '<!doctype html><title>after</title>');
    expect(await setup()).toEqual({ ...both, stderr: 'legenda: building the studio …\n' });
    expect(await page()).toContain('after');
    await put('src/gone.ts', 'export const gone = 2;\n');
    expect(await setup()).toEqual(both);
    expect(await page()).toContain('after');
  });

  test('fails with the compiler, and does not take the failure for a build', async () => {
    await pretendInstalled();
    await put('src/gone.ts', 'export const gone: string = 1;\n');
    for (let run = 0; run < 2; run++) {
      const { status, stderr } = await setup();
      expect(status).toBe(1);
      expect(stderr).toContain("Type 'number' is not assignable to type 'string'");
    }
  });

  test('installs what the lock names and is not there', async () => {
    const { stderr } = await setup();
    expect(stderr).toContain('legenda: installing packages …');
    expect(await readFile(join(root, 'node_modules/local/package.json'), 'utf8')).toContain('local');
    expect(await readdir(join(root, 'node_modules'))).not.toContain('elsewhere');
  });

  test('says which Node is needed', async () => {
    await put('package.json', { engines: { node: '>=99.1' } });
    const { status, stderr } = await setup();
    expect(status).toBe(2);
    expect(stderr).toBe(
      `legenda: Node 99.1 or later is needed, this is ${process.version}. Get it from https://nodejs.org/\n`,
    );
  });
});
