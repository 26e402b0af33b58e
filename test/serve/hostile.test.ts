import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { classAnswer } from '../../src/serve/schemas.js';
import type { Listening } from '../support/listening.js';
import { exchange, metric, openSocket, smallCaptioner, smallClassifier, startService } from '../support/service.js';

let root: string;
let service: Listening;
let image: Uint8Array<ArrayBuffer>;
let right: ReturnType<typeof rounded>;

const limits = ['--in-hand', '4', '--timeout', '2', '--max-bytes', '200000', '--max-pixels', '1000000'];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'legenda-serve-'));
  image = new Uint8Array(await picture().jpeg().toBuffer());
  const runs = await Promise.all([smallCaptioner(root), smallClassifier(root)]);
  service = await startService([...runs, ...limits]);
  right = rounded(await (await classify(image)).json());
});

afterAll(async () => {
  expect(await service?.stop()).toBe(0);
  rmSync(root, { recursive: true, force: true });
});

const picture = () => sharp({ create: { width: 60, height: 50, channels: 3, background: 'teal' } });

/** The answer to as many digits as batches of other sizes leave alike. */
const rounded = (answer: unknown) =>
  classAnswer.parse(answer).classes.map(({ label, probability }) => [label, probability.toFixed(5)]);

const classify = (body: BodyInit, init: RequestInit = {}) =>
  fetch(`${service.url}/v1/classify`, { method: 'POST', body, ...init });

/** Whatever was done to it: it answers as before, and has nothing in hand. */
async function isWell(): Promise<void> {
  expect(rounded(await (await classify(image)).json())).toEqual(right);
  expect(await metric(service.url, 'legenda_requests_in_hand')).toBe(0);
  expect(service.running.child.exitCode).toBeNull();
}

const head = (length: number | 'chunked', path = '/v1/classify') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`}\r\n\r\n`;

test('images that cannot be read are refused with what is wrong, and nothing of the machine', async () => {
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [Buffer.from('a text'), /^the image is a text file, an image was expected/],
    [image.subarray(0, image.length / 2), /^the image is damaged or cut short: this JPEG cannot be decoded/],
    [Buffer.concat([image.subarray(0, 20), Buffer.alloc(500, 7)]), /^the image is damaged or cut short/],
    [Buffer.alloc(5000), /an image was expected/],
  ];
  for (const [bytes, detail] of cases) {
    const response = await classify(new Uint8Array(bytes));
    expect(response.status).toBe(422);
    const problem = (await response.json()) as { detail: string };
    expect(problem.detail).toMatch(detail);
    expect(problem.detail).not.toMatch(/\/|node_modules/);
  }
  await isWell();
});

test('a decompression bomb is refused by what it claims', async () => {
  const bomb = await picture().png().toBuffer();
  for (const at of [16, 20]) bomb.writeUInt32BE(40_000, at);
  const response = await classify(new Uint8Array(bomb));
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({
    detail: 'the image is a PNG that claims to have 40000×40000 pixels: at most 1000000 are accepted',
  });
  const flat = await sharp({ create: { width: 1200, height: 1000, channels: 3, background: 'black' } })
    .png()
    .toBuffer();
  expect(flat.length).toBeLessThan(200_000);
  expect((await classify(new Uint8Array(flat))).status).toBe(422);
  await isWell();
});

test('more bytes than are accepted are not read: by the length that is claimed, and by counting', async () => {
  expect(await exchange(service.port, head(10 ** 12))).toMatch(/^HTTP\/1.1 413 /);
  expect((await classify(new Uint8Array(300_000))).status).toBe(413);
  const socket = await openSocket(service.port);
  socket.write(head('chunked'));
  const answered = once(socket, 'data');
  const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`;
  for (let i = 0; i < 8 && socket.writable; i++) socket.write(chunk);
  expect(String((await answered)[0])).toMatch(/^HTTP\/1.1 413 /);
  socket.destroy();
  await isWell();
});

test('what is cut off half way, or comes too slowly, gives its place back', async () => {
  for (const length of [image.length, 'chunked'] as const) {
    const socket = await openSocket(service.port);
    socket.write(head(length));
    if (length !== 'chunked') socket.write(image.subarray(0, 100));
    await after(50);
    expect(await metric(service.url, 'legenda_requests_in_hand')).toBe(1);
    socket.destroy();
    await expect.poll(() => metric(service.url, 'legenda_requests_in_hand'), { timeout: 2000 }).toBe(0);
  }
  const began = performance.now();
  const slow = await exchange(service.port, `${head(1000)}abc`);
  expect(slow).toMatch(/^HTTP\/1.1 (408|503) /);
  expect(performance.now() - began).toBeLessThan(6000);
  await isWell();
});

test('clients that vanish while they wait are forgotten', async () => {
  for (let i = 0; i < 12; i++) {
    const controller = new AbortController();
    const asked = classify(image, { signal: controller.signal }).then(
      ({ status }) => status,
      () => 'gone',
    );
    await after(i);
    controller.abort();
    expect(['gone', 200]).toContain(await asked);
  }
  await isWell();
});

test('more than it can do is refused at once, and what is let in is answered rightly', async () => {
  const began = performance.now();
  let slowestRefusal = 0;
  const answers = await Promise.all(
    Array.from({ length: 80 }, async () => {
      const response = await classify(image);
      if (response.status === 503) {
        slowestRefusal = Math.max(slowestRefusal, performance.now() - began);
        expect(response.headers.get('retry-after')).toBe('1');
        expect(await response.json()).toMatchObject({ detail: '4 requests are in hand already' });
      } else expect(rounded(await response.json())).toEqual(right);
      return response.status;
    }),
  );
  expect(new Set(answers)).toEqual(new Set([200, 503]));
  expect(slowestRefusal).toBeLessThan(1500);
  await isWell();
});

test('no path leads out of the routes', async () => {
  const paths = [
    '/../etc/passwd',
    '/../../../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%5c..%5cwindows',
    '/....//etc/passwd',
    '//etc/passwd',
    '/v1/models/../../etc/passwd',
    '/%00',
    '/v1/caption%00',
    '/%c0%ae%c0%ae/etc/passwd',
    `/${'a/'.repeat(4000)}`,
  ];
  for (const path of paths) {
    const answer = await exchange(service.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answer, path).toMatch(/^HTTP\/1.1 (400|404) /);
    expect(answer).not.toContain('root:');
  }
  const asModel = await classify(image, {}).then(() =>
    fetch(`${service.url}/v1/classify?model=${encodeURIComponent('../garments')}`, { method: 'POST', body: image }),
  );
  expect(asModel.status).toBe(404);
  await isWell();
});

test('what is no HTTP, or has headers without end, is refused', async () => {
  expect(await exchange(service.port, 'no HTTP at all\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  const many = Array.from({ length: 2000 }, (_, i) => `X-${i}: ${'y'.repeat(50)}\r\n`).join('');
  expect(await exchange(service.port, `GET / HTTP/1.1\r\nHost: localhost\r\n${many}\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  await isWell();
});

test('answers may not be framed, sniffed or run', async () => {
  const { headers } = await fetch(`${service.url}/v1/models`);
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});
