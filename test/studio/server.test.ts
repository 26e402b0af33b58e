import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readEvents } from '../../src/train/events.js';
import { legenda } from '../support/cli.js';
import type { Listening } from '../support/listening.js';
import { exchange, smallClassifier } from '../support/service.js';
import { startStudio } from '../support/studio.js';

let root: string;
let studio: Listening;
let run: { readonly id: string; readonly name: string };

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'legenda-studio-'));
  mkdirSync(join(root, 'runs', 'a'), { recursive: true });
  writeFileSync(join(root, 'secret.txt'), 'a secret');
  await smallClassifier(join(root, 'runs', 'a'));
  studio = await startStudio([join(root, 'runs')]);
  [run] = (await (await fetch(`${studio.url}/api/runs`)).json()) as [typeof run];
});

afterAll(async () => {
  expect(await studio?.stop()).toBe(0);
  rmSync(root, { recursive: true, force: true });
});

const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(studio.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

/** With headers that `fetch` does not let one choose. */
async function raw(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', port = studio.port) {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = await exchange(port, `${method} ${path} HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`);
  return { status: Number(text.slice(9, 12)), text };
}

test('a run is called by its id, and says nothing of the folders of the machine', async () => {
  expect(run).toMatchObject({ name: 'a/garments', kind: 'classifier', recipe: 'fashion-cnn-best', own: false });
  expect(run.id).toMatch(/^[0-9a-f]{16}$/);
  expect(JSON.stringify(run)).not.toContain(root);
  const filters = await (await fetch(`${studio.url}/api/runs/${run.id}/filters`)).json();
  expect(filters).toMatchObject([{ layer: 'conv1', kernels: expect.any(Array) }]);
  const model = await fetch(`${studio.url}/api/runs/${run.id}/model.onnx`);
  expect((await model.arrayBuffer()).byteLength).toBeGreaterThan(1000);
});

test('no path leads to other files', async () => {
  const paths = [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//etc/passwd',
    '/index.html%00.js',
    '/.build-stamp',
    '/api/runs/..%2f..%2fsecret.txt/filters',
    `/api/runs/${run.id}/captioner/..%2f..%2f..%2fsecret.txt`,
    `/api/runs/${run.id}/captioner/captioner.json`,
    '/api/runs/0123456789abcdef/filters',
    '/api/runs/a%2fgarments/model.onnx',
  ];
  for (const path of paths) {
    const { status, text } = await raw(path);
    expect([400, 404], path).toContain(status);
    expect(text).not.toContain('a secret');
  }
});

test('foreign hosts, origins and pages are refused, and what they would need to be more than looked at', async () => {
  expect((await raw('/api/runs', { Host: 'rebound.example' })).status).toBe(421);
  expect((await raw('/api/runs', { Origin: 'https://stranger.example' })).status).toBe(403);
  expect((await raw('/api/runs', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  expect((await raw('/', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' })).status).toBe(200);
  const { text } = await raw('/');
  expect(text).toMatch(
    /content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval';.*frame-ancestors 'none'/,
  );
  expect(text).toMatch(/cross-origin-opener-policy: same-origin/);
  expect(text).toMatch(/cross-origin-embedder-policy: require-corp/);
});

test.each([
  ['what a form of another site can send', '{}', { 'content-type': 'text/plain' }, 415, 'JSON is expected'],
  ['no JSON', '{', {}, 400, 'the body is no JSON'],
  ['no recipe', '{}', {}, 400, 'recipe'],
  [
    'an unknown recipe',
    '{"recipe":"fashion-cn"}',
    {},
    400,
    'there is no recipe "fashion-cn" (did you mean fashion-cnn?)',
  ],
  ['one that is only counted', '{"recipe":"mlp"}', {}, 400, 'mlp is a network that is counted'],
  ['an unknown setting', '{"recipe":"fashion-cnn","settings":{"rate":1}}', {}, 400, '"rate"'],
  ['an unknown key', '{"recipe":"fashion-cnn","out":"/tmp/x"}', {}, 400, 'Unrecognized key: "out"'],
  ['a captioner’s sample', '{"recipe":"captioner","sample":true}', {}, 400, 'there is no sample for it'],
  [
    'a design that does not fit',
    '{"recipe":"sequential","settings":{"layers":[{"type":"Linear","features":10}]}}',
    {},
    400,
    'layer 1, Linear',
  ],
])('a training of %s is not begun', async (_, body, headers, status, detail) => {
  const response = await post('/api/trainings', body, headers);
  expect(response.status).toBe(status);
  expect(((await response.json()) as { detail: string }).detail).toContain(detail);
  expect(readdirSync(join(root, 'runs'))).toEqual(['a']);
});

test('more than a megabyte is not read, and a run that is not ours cannot be stopped', async () => {
  expect((await post('/api/trainings', ' '.repeat(2_000_000))).status).toBe(413);
  expect((await post(`/api/runs/${run.id}/stop`, '{}')).status).toBe(409);
  expect((await post('/api/runs/0123456789abcdef/stop', '{}')).status).toBe(404);
});

test('a run that is trained elsewhere is not gone on with, nor one of ours twice; Stop twice is Stop', async () => {
  const elsewhere = join(root, 'runs', 'elsewhere');
  cpSync(join(root, 'runs', 'a', 'garments'), elsewhere, { recursive: true });
  const start = { type: 'start', time: new Date().toISOString(), step: 0, epoch: 0, resumed: false };
  writeFileSync(join(elsewhere, 'events.jsonl'), `${JSON.stringify(start)}\n`);
  const runs = async () =>
    (await (await fetch(`${studio.url}/api/runs`)).json()) as {
      id: string;
      name: string;
      own: boolean;
      progress: { state: string };
    }[];
  const other = (await runs()).find(({ name }) => name === 'elsewhere')!;
  const refused = await post(`/api/runs/${other.id}/resume`, '{}');
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('it may be trained elsewhere') });
  rmSync(elsewhere, { recursive: true });

  const settings = { epochs: 500, batch: 32 };
  expect((await post('/api/trainings', JSON.stringify({ recipe: 'fashion-mlp', settings, sample: true }))).status).toBe(
    201,
  );
  const ours = async () => (await runs()).find(({ name }) => name.startsWith('fashion-mlp-'));
  await expect.poll(async () => (await ours())?.progress.state, { timeout: 30_000 }).toBe('running');
  const { id } = (await ours())!;
  expect((await ours())!.own).toBe(true);
  const again = await post(`/api/runs/${id}/resume`, '{}');
  expect(again.status).toBe(400);
  for (let i = 0; i < 2; i++) expect((await post(`/api/runs/${id}/stop`, '{}')).status).toBe(202);
  await expect.poll(async () => (await ours())?.progress.state, { timeout: 30_000 }).toBe('interrupted');
  await expect.poll(async () => (await ours())?.own).toBe(false);
});

test('pages that ask together do not read events twice, and a run that cannot be read hides no other', async () => {
  const broken = join(root, 'runs', 'broken');
  cpSync(join(root, 'runs', 'a', 'garments'), broken, { recursive: true });
  rmSync(join(broken, 'events.jsonl'));
  mkdirSync(join(broken, 'events.jsonl'));
  const answers = await Promise.all(
    Array.from(
      { length: 8 },
      async () =>
        (await (await fetch(`${studio.url}/api/runs`)).json()) as { name: string; progress: { epochs: unknown[] } }[],
    ),
  );
  for (const runs of answers) expect(runs.find(({ name }) => name === 'a/garments')!.progress.epochs).toHaveLength(1);
  rmSync(broken, { recursive: true });
});

test('what it trains ends with it when its terminal is closed', async () => {
  const runs = join(root, 'others');
  mkdirSync(runs);
  const { url, running } = await startStudio([runs]);
  const body = JSON.stringify({ recipe: 'fashion-mlp', settings: { epochs: 500 }, sample: true });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${url}/api/trainings`, { method: 'POST', body, headers })).status).toBe(201);
  const dir = async () => join(runs, (await readdir(runs))[0] ?? 'none yet');
  const events = async () => readEvents(await dir());
  await expect.poll(async () => (await events()).some(({ type }) => type === 'train'), { timeout: 30_000 }).toBe(true);
  running.child.kill('SIGHUP');
  expect((await running.ended).status).toBe(0);
  expect((await events()).at(-1)).toMatchObject({ type: 'end', state: 'interrupted' });
});

describe('where others can reach it', () => {
  const token = 'a token of more than sixteen characters';

  it('asks for the token, which the page keeps in a cookie', async () => {
    const open = await startStudio([join(root, 'runs'), '--host', '0.0.0.0', '--token', token]);
    try {
      const get = (path: string, headers = {}) => raw(path, headers, 'GET', open.port);
      expect((await get('/')).status).toBe(401);
      expect((await get('/api/runs')).status).toBe(401);
      expect((await get('/?token=another')).status).toBe(401);
      expect((await get(`/api/runs?token=${encodeURIComponent(token)}`)).status).toBe(401);
      const first = await get(`/?token=${encodeURIComponent(token)}`);
      expect(first.status).toBe(302);
      const [, cookie] = /set-cookie: (legenda-studio=[^;]+);.*HttpOnly.*SameSite=Strict/i.exec(first.text)!;
      expect((await get('/', { Cookie: cookie! })).status).toBe(200);
      expect((await get('/api/runs', { Cookie: cookie! })).status).toBe(200);
      expect((await get('/api/runs', { Cookie: 'legenda-studio=wrong' })).status).toBe(401);
      expect((await get('/api/runs', { Authorization: `Bearer ${token}` })).status).toBe(200);
    } finally {
      expect(await open.stop()).toBe(0);
    }
  });

  it('does not open without one', async () => {
    const { LEGENDA_TOKEN: _, ...env } = process.env;
    const refused = await legenda(['studio', root, '--host', '0.0.0.0'], { env });
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('listening on 0.0.0.0 needs a token') });
  });
});
