import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LegendaError } from '../errors.js';
import { type Downloaded, type DownloadOptions, download } from './download.js';

const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 251));

let folder: string;
let server: Server | undefined;
/** The Range header of each request. */
let asked: (string | undefined)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-test-'));
  asked = [];
});

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer((request, response) => {
    asked.push(request.headers.range);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
}

/** A server that knows Range, as S3 and Debian's mirrors do. */
const withRange: RequestListener = (request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start >= content.length) {
    response.writeHead(416).end();
    return;
  }
  const headers = { 'content-length': content.length - start };
  if (start > 0) {
    response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` });
  } else response.writeHead(200, headers);
  response.end(content.subarray(start));
};

const fetchInto = (url: string, options: Partial<DownloadOptions> = {}): Promise<Downloaded> =>
  download(url, join(folder, 'file'), { maxBytes: 1_000_000, ...options });

/** A part that a process left which is not running any more: no process has this id. */
const leavePart = (bytes: Uint8Array): Promise<void> => writeFile(join(folder, 'file.part-999999999'), bytes);

const failure = (promise: Promise<unknown>): Promise<LegendaError> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => {
      expect(error).toBeInstanceOf(LegendaError);
      return error;
    },
  );

describe('download', () => {
  test('fetches a file under a name of its own, telling how far it is', async () => {
    const seen: [number, number][] = [];
    const { part } = await fetchInto(await serve(withRange), { onProgress: (done, total) => seen.push([done, total]) });
    expect(await readdir(folder)).toEqual([`file.part-${process.pid}`]);
    expect((await readFile(part)).equals(content)).toBe(true);
    expect(seen.at(-1)).toEqual([content.length, content.length]);
  });

  test('goes on where an earlier process stopped', async () => {
    await leavePart(content.subarray(0, 60_000));
    const { part } = await fetchInto(await serve(withRange));
    expect(asked).toEqual(['bytes=60000-']);
    expect((await readFile(part)).equals(content)).toBe(true);
    expect(await readdir(folder)).toEqual([`file.part-${process.pid}`]);
  });

  test('leaves alone what a running process is writing', async () => {
    await writeFile(join(folder, `file.part-${process.ppid}`), 'theirs');
    const { part } = await fetchInto(await serve(withRange));
    expect((await readFile(part)).equals(content)).toBe(true);
    expect(await readFile(join(folder, `file.part-${process.ppid}`), 'utf8')).toBe('theirs');
  });

  test('asks nothing more of a server when the part is whole', async () => {
    await leavePart(content);
    const { part } = await fetchInto(await serve(withRange));
    expect(asked).toEqual([`bytes=${content.length}-`]);
    expect((await readFile(part)).equals(content)).toBe(true);
  });

  test('begins again when the server does not know Range', async () => {
    await leavePart(Buffer.from('something else'));
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-length': content.length }).end(content),
    );
    const { part } = await fetchInto(url);
    expect((await readFile(part)).equals(content)).toBe(true);
  });

  test('takes a connection up again that breaks off', async () => {
    const url = await serve((request, response) => {
      if (asked.length > 2) return withRange(request, response);
      const start = 30_000 * (asked.length - 1);
      const range = `bytes ${start}-${content.length - 1}/${content.length}`;
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': content.length - start,
        'content-range': range,
      });
      response.write(content.subarray(start, start + 30_000), () => setTimeout(() => response.destroy(), 20));
    });
    const { part } = await fetchInto(url);
    expect(asked).toEqual([undefined, 'bytes=30000-', 'bytes=60000-']);
    expect((await readFile(part)).equals(content)).toBe(true);
  });

  test('keeps what came when the server never gets further', async () => {
    const url = await serve((_, response) => {
      if (asked.length > 1) return response.destroy();
      response.writeHead(200, { 'content-length': content.length });
      return response.write(content.subarray(0, 30_000), () => setTimeout(() => response.destroy(), 20));
    });
    await failure(fetchInto(url));
    expect(asked).toEqual([undefined, 'bytes=30000-']);
    expect((await readFile(join(folder, `file.part-${process.pid}`))).length).toBe(30_000);
  });

  test('gives up on a server that answers with another part than was asked for', async () => {
    await leavePart(content.subarray(0, 100));
    const url = await serve((_, response) => response.writeHead(206, { 'content-range': 'bytes 50-99/100' }).end('x'));
    const { message } = await failure(fetchInto(url));
    expect(message).toBe('the server sent bytes 50- when asked for the bytes from 100');
  });

  test.each([
    ['a length that is too large', { 'content-length': content.length }, 'the file has 100000 bytes there, more than'],
    ['too many bytes of no known length', {}, 'more than the 50000 bytes that are accepted came'],
  ])('refuses %s', async (_, headers, message) => {
    const url = await serve((_request, response) => response.writeHead(200, headers).end(content));
    expect((await failure(fetchInto(url, { maxBytes: 50_000 }))).message).toContain(message);
  });

  test('says what the server answered', async () => {
    const url = await serve((_, response) => response.writeHead(404).end());
    expect((await failure(fetchInto(url))).message).toBe('the server answered 404 Not Found');
  });

  test('does not wait long for a server that does not answer, or stops sending', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/file') response.writeHead(200, { 'content-length': 10 }).write('x');
    });
    const patience = { connectTimeout: 300, stallTimeout: 100 };
    expect((await failure(fetchInto(`${url}/silent`, patience))).message).toBe('no answer within 0.3 s');
    expect((await failure(fetchInto(url, patience))).message).toBe('no data for 0.1 s');
  });

  test('names a refused connection', async () => {
    const url = await serve(withRange);
    await new Promise((resolve) => server?.close(resolve));
    expect((await failure(fetchInto(url))).message).toBe('connection refused');
  });

  test('stops when it is told to', async () => {
    const controller = new AbortController();
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('x');
      setTimeout(() => controller.abort(new Error('stop')), 20);
    });
    await expect(fetchInto(url, { signal: controller.signal })).rejects.toThrow('stop');
  });
});
