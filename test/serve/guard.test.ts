import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { legenda } from '../support/cli.js';
import type { Listening } from '../support/listening.js';
import { exchange, openSocket, smallClassifier, startService } from '../support/service.js';

let root: string;
let run: string;
let service: Listening;

const token = 'a token of more than sixteen characters';
const friend = 'https://friend.example';

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'legenda-serve-'));
  run = await smallClassifier(root);
  const names = ['--allow-host', 'tiles.example', '--allow-origin', friend];
  service = await startService([run, '--host', '0.0.0.0', '--token', token, ...names]);
});

afterAll(async () => {
  await service?.stop();
  rmSync(root, { recursive: true, force: true });
});

/** `fetch` does not let a Host be chosen. @returns status and body */
async function get(path: string, headers: Readonly<Record<string, string>>, method = 'GET') {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = await exchange(service.port, `${method} ${path} HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`);
  return { status: Number(text.slice(9, 12)), text };
}

const known = { Authorization: `Bearer ${token}` };

test.each([
  ['no token', {}, 401],
  ['a wrong token', { Authorization: 'Bearer another token of many characters' }, 401],
  ['a part of the token', { Authorization: `Bearer ${token.slice(0, -1)}` }, 401],
  ['another scheme', { Authorization: `Basic ${token}` }, 401],
  ['the token', known, 200],
])('%s: %s', async (_, headers, status) => {
  const answer = await get('/v1/models', { Host: 'localhost', ...headers });
  expect(answer.status).toBe(status);
  if (status === 401) expect(answer.text.toLowerCase()).toContain('www-authenticate: bearer');
});

test('health and readiness are answered without the token, metrics are not', async () => {
  for (const path of ['/healthz', '/readyz']) expect((await get(path, { Host: 'localhost' })).status).toBe(200);
  for (const path of ['/metrics', '/openapi.json', '/', '/healthz/x'])
    expect((await get(path, { Host: 'localhost' })).status, path).toBe(401);
});

test.each([
  ['localhost:8093', 200],
  ['127.0.0.1', 200],
  ['[::1]:1', 200],
  ['10.1.2.3:99', 200],
  ['Tiles.Example', 200],
  ['tiles.example:8093', 200],
  ['rebound.example', 421],
  ['localhost.rebound.example', 421],
  ['localhost@rebound.example', 400],
  ['127.0.0.1.rebound.example', 421],
  ['tiles.example/', 400],
])('Host %s: %i', async (host, status) => {
  expect((await get('/v1/models', { Host: host, ...known })).status).toBe(status);
});

test.each([
  ['http://localhost', 200],
  [friend, 200],
  ['https://localhost', 403],
  ['http://localhost:1', 403],
  ['https://friend.example.org', 403],
  ['http://friend.example', 403],
  ['https://stranger.example', 403],
  ['null', 403],
])('Origin %s: %i', async (origin, status) => {
  const answer = await get('/v1/models', { Host: 'localhost', Origin: origin, ...known });
  expect(answer.status).toBe(status);
  const admitted = /access-control-allow-origin: (\S+)/i.exec(answer.text)?.[1];
  expect(admitted).toBe(origin === friend ? friend : undefined);
});

test('a page elsewhere that is admitted may ask, and hears what is wrong', async () => {
  const asks = { Host: 'localhost', Origin: friend };
  const before = {
    ...asks,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization',
  };
  const preflight = await get('/v1/classify', before, 'OPTIONS');
  expect(preflight.status).toBe(204);
  expect(preflight.text).toMatch(/access-control-allow-headers: authorization, content-type/i);
  const wrong = await get('/v1/nothing', { ...asks, ...known });
  expect(wrong.status).toBe(404);
  const refused = await get('/v1/models', asks);
  expect(refused.status).toBe(401);
  const right = await get('/v1/models', { ...asks, ...known });
  for (const { text } of [wrong, refused, right])
    expect(text).toMatch(/access-control-allow-origin: https:\/\/friend.example/i);
  expect((await get('/v1/classify', { Host: 'localhost', Origin: 'https://stranger.example' }, 'OPTIONS')).status).toBe(
    403,
  );
});

test('what other sites’ pages load without an Origin is refused', async () => {
  for (const site of ['cross-site', 'same-site'])
    expect((await get('/v1/models', { Host: 'localhost', 'Sec-Fetch-Site': site, ...known })).status).toBe(403);
  const followed = { Host: 'localhost', 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', ...known };
  expect((await get('/v1/models', followed)).status).toBe(200);
  expect((await get('/v1/models', { Host: 'localhost', 'Sec-Fetch-Site': 'same-origin', ...known })).status).toBe(200);
});

test.each([
  [['--host', '0.0.0.0'], 2, 'listening on 0.0.0.0 needs a token: others can reach it there'],
  [['--host', '::'], 2, 'listening on :: needs a token'],
  [['--token', 'short'], 2, 'a token of at least 16 characters is expected, 5 came'],
  [['--allow-origin', 'friend.example'], 2, 'an origin such as https://example.org is expected, "friend.example" came'],
  [['--beam', '3'], 2, '--beam is for captioners, there is none'],
  [['--host', '203.0.113.7', '--token', token], 1, 'cannot listen on 203.0.113.7'],
])('%j ends with %i', async (args, status, message) => {
  const { LEGENDA_TOKEN: _, ...env } = process.env;
  const result = await legenda(['serve', run, '--port', '0', '--threads', '1', ...args], { env });
  expect(result.stderr).toContain(message);
  expect(result.status).toBe(status);
});

test('a folder that is no run, a port that is taken and names that are the same are refused', async () => {
  const none = await legenda(['serve', join(root, 'none')]);
  expect(none).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot open the run folder') });
  const taken = await legenda(['serve', run, '--port', String(service.port), '--host', '0.0.0.0', '--token', token]);
  expect(taken).toMatchObject({ status: 1, stderr: expect.stringContaining(`port ${service.port}: it is taken`) });
  const same = await legenda(['serve', run, `${run}/`]);
  expect(same).toMatchObject({ status: 2, stderr: expect.stringContaining('are both called "garments"') });
});

test('when it is told to stop it finishes what it has, takes nothing new, and ends with 0', async () => {
  const other = await startService([run, '--host', '127.0.0.1']);
  const image = await sharp({ create: { width: 60, height: 50, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  const socket = await openSocket(other.port);
  socket.write(`POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${image.length}\r\n\r\n`);
  socket.write(image.subarray(0, 50));
  await expect
    .poll(async () => (await (await fetch(`${other.url}/metrics`)).text()).includes('legenda_requests_in_hand 1'))
    .toBe(true);
  other.running.child.kill('SIGTERM');
  await expect
    .poll(() =>
      fetch(`${other.url}/healthz`).then(
        ({ status }) => status,
        () => 'refused',
      ),
    )
    .toBe('refused');
  const answered = once(socket, 'data');
  socket.write(image.subarray(50));
  expect(String((await answered)[0])).toMatch(/^HTTP\/1.1 200 /);
  expect((await other.running.ended).status).toBe(0);
});

test('when it is told to stop, a connection that says nothing does not hold it', async () => {
  const other = await startService([run, '--timeout', '1']);
  const silent = await openSocket(other.port);
  const half = await openSocket(other.port);
  half.write('GET /healthz HTTP/1.1\r\nHost: local');
  const began = performance.now();
  expect(await other.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(10_000);
  silent.destroy();
  half.destroy();
});
