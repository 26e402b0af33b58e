// Makes a fresh clone ready: checks Node, installs packages, builds dist/. Quick and silent when there is nothing to do.
// Runs before node_modules exists, so it may import nothing but Node's own modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const studio = join(root, 'apps/studio');
const builtStudio = join(dist, 'studio');
const buildStamp = join(dist, '.build-stamp');
const studioStamp = join(builtStudio, '.build-stamp');
const buildInfo = join(dist, '.tsbuildinfo');
const windows = process.platform === 'win32';

checkNode();
if (!isInstalled()) install();
build();
buildStudio();
linkCommand();

function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const needed = engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [neededMajor, neededMinor] = needed.split('.').map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  fail(`Node ${needed} or later is needed, this is ${process.version}. Get it from https://nodejs.org/`, 2);
}

/** Whether node_modules holds what package-lock.json names: npm writes its own lock there once an install is whole. */
function isInstalled() {
  const packagesOf = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(packagesOf('package-lock.json')).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const own = installed[path];
    return own ? own.version === version && own.integrity === integrity : optional;
  });
}

function install() {
  say('installing packages …');
  // Its install script would download CUDA libraries; .npmrc says the same to npm versions that pass it on.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  // Not `npm ci`: it refuses a lock that lacks some other platform's optional binaries, and npm leaves those out of a lock
  // whenever their registry entry could not be read. This installs what the lock says and does not write to it.
  const flags = '--no-save --no-audit --no-fund --include=dev --include=optional --loglevel=error';
  const args = ['install', ...flags.split(' ')];
  const npm = process.env.npm_execpath ?? '';
  const viaNode = npm.endsWith('npm-cli.js');
  // npm's output goes to standard error: a command's data may follow on standard output.
  const options = { cwd: root, env, stdio: ['ignore', 2, 2], shell: !viaNode && windows };
  const { status, error } = viaNode
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, options);
  if (error || status !== 0) {
    fail(`npm install failed${error ? ` (${error.message})` : ''}; mend what it says above, then run this again`);
  }
}

function build() {
  const sources = listFiles(join(root, 'src')).filter((path) => isBuilt(path));
  const outputs = new Set(sources.flatMap((path) => outputsOf(path)));
  const settings = [join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json'), compilerPackage()];
  const stamp = stampOf([...sources, ...settings]);
  const complete = [...outputs].every((path) => existsSync(path));
  if (complete && existsSync(buildStamp) && readFileSync(buildStamp, 'utf8') === stamp) return;

  say('building dist/ …');
  // The incremental state says what was emitted before, not that it is still there.
  if (!complete) rmSync(buildInfo, { force: true });
  rmSync(buildStamp, { force: true });
  for (const path of existsSync(dist) ? listFiles(dist) : []) {
    if (path.startsWith(join(builtStudio, sep))) continue;
    if (!outputs.has(path.replace(/\.map$/, '')) && path !== buildInfo) rmSync(path);
  }
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail('the compiler found errors (above)');
  writeFileSync(buildStamp, stamp);
}

/** The studio's page, of its sources and of what the package exports. */
function buildStudio() {
  if (!existsSync(studio)) return;
  const packages = ['vite', 'svelte', 'onnxruntime-web'].map((name) =>
    join(root, 'node_modules', name, 'package.json'),
  );
  const stamp = stampOf([...listFiles(studio), buildStamp, ...packages]);
  if (existsSync(studioStamp) && readFileSync(studioStamp, 'utf8') === stamp) return;
  say('building the studio …');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', studio, '--logLevel', 'warn'];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) fail('the studio cannot be built (above)');
  writeFileSync(studioStamp, stamp);
}

/** Changes when a file does. */
function stampOf(paths) {
  const state = createHash('sha256');
  for (const path of paths) {
    const { mtimeMs, size } = statSync(path);
    state.update(`${relative(root, path)}\t${mtimeMs}\t${size}\n`);
  }
  return state.digest('hex');
}

function isBuilt(path) {
  return path.endsWith('.ts') && !/\.(test|bench)\.ts$/.test(path);
}

function outputsOf(source) {
  if (source.endsWith('.d.ts')) return [];
  const base = join(dist, relative(join(root, 'src'), source).slice(0, -'.ts'.length));
  return [`${base}.js`, `${base}.d.ts`];
}

function compilerPackage() {
  return join(root, 'node_modules/typescript/package.json');
}

function listFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? listFiles(path) : [path];
    });
}

/** npm links the bins of dependencies only; `npx legenda` inside the clone must run the clone's own build. */
function linkCommand() {
  const main = join(dist, 'cli/main.js');
  if (!existsSync(main)) return;
  if (!windows && (statSync(main).mode & 0o111) !== 0o111) chmodSync(main, 0o755);
  const bin = join(root, 'node_modules/.bin');
  const link = join(bin, windows ? 'legenda.cmd' : 'legenda');
  if (lstatSync(link, { throwIfNoEntry: false })) return;
  mkdirSync(bin, { recursive: true });
  if (windows) writeFileSync(link, '@node "%~dp0\\..\\..\\dist\\cli\\main.js" %*\r\n');
  else symlinkSync('../../dist/cli/main.js', link);
}

function say(text) {
  process.stderr.write(`legenda: ${text}\n`);
}

function fail(text, status = 1) {
  say(text);
  process.exit(status);
}
