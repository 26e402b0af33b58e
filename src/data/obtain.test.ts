import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LegendaError } from '../errors.js';
import { type FileSet, type ObtainOptions, obtainFiles, UnavailableError } from './obtain.js';

const contents = { 'a.gz': Buffer.alloc(5000, 'first '), 'b.gz': Buffer.alloc(3000, 'second ') };
const stored = { 'a.gz': gzipSync(contents['a.gz']), 'b.gz': gzipSync(contents['b.gz']) };

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let root: string;
let folder: string;
/** What each mirror serves under which path; everything else is 404. */
let served: Record<string, Buffer>;
let server: Server;
let requests: string[];
let set: FileSet;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-test-'));
  folder = join(root, 'letters');
  served = {};
  requests = [];
  server = createServer(({ url = '', headers }, response) => {
    requests.push(url);
    const body = served[url];
    const start = Number(headers.range?.match(/^bytes=(\d+)-$/)?.[1] ?? 0);
    if (!body) response.writeHead(404).end();
    else if (start === 0) response.end(body);
    else response.writeHead(206, { 'content-range': `bytes ${start}-` }).end(body.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  set = {
    name: 'letters',
    title: 'Letters',
    files: Object.entries(contents).map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: digest(bytes) })),
    mirrors: [
      { title: 'one', url: `${address}/one/` },
      { title: 'two', url: `${address}/two/` },
    ],
  };
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await rm(root, { recursive: true });
});

const obtain = (options: Partial<ObtainOptions> = {}, of = set) => obtainFiles(of, { root, ...options });

const failure = (promise: Promise<unknown>): Promise<LegendaError> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => {
      expect(error).toBeInstanceOf(LegendaError);
      return error;
    },
  );

async function put(where: string, files: Record<string, Uint8Array> = stored): Promise<void> {
  await mkdir(where, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(where, name), bytes);
}

describe('what is here', () => {
  test('is used, compressed or not, without asking anybody', async () => {
    await put(folder, { 'a.gz': stored['a.gz'], b: contents['b.gz'] });
    const { contents: found, source } = await obtain();
    expect(Buffer.from(found.get('a.gz')!).equals(contents['a.gz'])).toBe(true);
    expect(Buffer.from(found.get('b.gz')!).equals(contents['b.gz'])).toBe(true);
    expect(source).toBe(folder);
    expect(requests).toEqual([]);
  });

  const flipped = Buffer.from(contents['a.gz']);
  flipped[77]! ^= 1;
  test.each([
    ['cut short', stored['a.gz'].subarray(0, -20), 'unexpected end of file'],
    ['empty', Buffer.alloc(0), '(0 bytes instead of 5000)'],
    ['of one flipped bit', gzipSync(flipped), `got ${digest(flipped)}`],
    ['another file', gzipSync('other'), `got ${digest(Buffer.from('other'))} (5 bytes instead of 5000)`],
    ['a gzip bomb', gzipSync(Buffer.alloc(100_000)), 'decompresses to more than 5000 bytes'],
    ['far too large', Buffer.alloc(100_000), 'has 100000 bytes, more than the 70614 that are accepted'],
  ])('and %s: the error names file, digests and cure, and the file stays', async (_, bytes, problem) => {
    await put(folder, { 'a.gz': bytes, 'b.gz': stored['b.gz'] });
    served = { '/one/a.gz': stored['a.gz'] };
    const { message } = await failure(obtain());
    expect(message).toContain(`${join(folder, 'a.gz')} `);
    expect(message).toContain(problem);
    expect(message).toContain('legenda data get letters --force');
    if (bytes.length < 100_000) expect(message).toContain(set.files[0]!.sha256);
    expect((await readFile(join(folder, 'a.gz'))).equals(bytes)).toBe(true);
    expect(requests).toEqual([]);
  });

  test('is replaced when that is asked for', async () => {
    await put(folder, { 'a.gz': Buffer.from('wrong'), 'b.gz': stored['b.gz'] });
    served = { '/one/a.gz': stored['a.gz'], '/one/b.gz': stored['b.gz'] };
    await obtain({ force: true });
    expect((await readFile(join(folder, 'a.gz'))).equals(stored['a.gz'])).toBe(true);
  });

  test('stays when nothing better comes', async () => {
    await put(folder, { 'a.gz': Buffer.from('wrong'), 'b.gz': stored['b.gz'] });
    served = { '/one/a.gz': gzipSync('other') };
    await failure(obtain({ force: true }));
    expect(await readFile(join(folder, 'a.gz'), 'utf8')).toBe('wrong');
    expect((await readdir(folder)).sort()).toEqual(['a.gz', 'b.gz']);
  });
});

describe('what is missing', () => {
  test('is fetched, checked and kept as it came', async () => {
    served = { '/one/a.gz': stored['a.gz'], '/one/b.gz': stored['b.gz'] };
    const progress: string[] = [];
    const { source } = await obtain({ onProgress: ({ what, done }) => progress.push(`${what} ${done}`) });
    expect(source).toBe(set.mirrors[0]!.url);
    expect((await readdir(folder)).sort()).toEqual(['a.gz', 'b.gz']);
    expect((await readFile(join(folder, 'b.gz'))).equals(stored['b.gz'])).toBe(true);
    expect(progress).toContain(`b.gz from one ${stored['b.gz'].length}`);
    await obtain({ offline: true });
  });

  test('comes from the next source when one fails, half way even', async () => {
    served = { '/one/a.gz': stored['a.gz'], '/one/b.gz': gzipSync('other'), '/two/b.gz': stored['b.gz'] };
    const notes: string[] = [];
    const { source } = await obtain({ onNote: (text) => notes.push(text) });
    expect(requests).toEqual(['/one/a.gz', '/one/b.gz', '/two/b.gz']);
    expect(source).toBe(set.mirrors.map(({ url }) => url).join(', '));
    expect(notes.join()).toContain(`Letters not from one: expected sha256 ${set.files[1]!.sha256}`);
    expect((await readdir(folder)).sort()).toEqual(['a.gz', 'b.gz']);
  });

  test('is fetched whole when what an earlier attempt left is of another file', async () => {
    await put(folder, { 'a.gz.part-999999999': Buffer.from('another beginning') });
    served = { '/one/a.gz': stored['a.gz'], '/one/b.gz': stored['b.gz'] };
    await obtain();
    expect((await readdir(folder)).sort()).toEqual(['a.gz', 'b.gz']);
    expect(requests).toEqual(['/one/a.gz', '/one/a.gz', '/one/b.gz']);
  });

  test('is fetched alone: what is here is not fetched again', async () => {
    await put(folder, { 'a.gz': stored['a.gz'] });
    served = { '/one/b.gz': stored['b.gz'] };
    await obtain();
    expect(requests).toEqual(['/one/b.gz']);
  });

  test('is used in place where Debian’s package is installed', async () => {
    const installed = join(root, 'usr');
    await put(installed, { 'a.gz': stored['a.gz'], 'b.gz': gzipSync(gunzipSync(stored['b.gz']), { level: 1 }) });
    const { source } = await obtain({ offline: true }, { ...set, debian: { package: 'letters', folder: installed } });
    expect(source).toBe(installed);
  });

  test('and nowhere to be had: the error lists every source and how to do without', async () => {
    served = { '/two/a.gz': gzipSync('other') };
    vi.stubEnv('PATH', '');
    const nowhere = join(root, 'usr');
    const error = await failure(obtain({}, { ...set, debian: { package: 'letters', folder: nowhere } }));
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.message.split('\n')).toEqual([
      `Letters is not to be had: a.gz, b.gz missing in ${folder}`,
      `  tried ${nowhere}: not installed`,
      '  tried one: the server answered 404 Not Found',
      expect.stringMatching(/^ {2}tried two: expected sha256 .*, got /),
      "  tried Debian's package letters: this machine has no apt-get and dpkg",
      expect.stringContaining(`put these files into ${folder}`),
      expect.stringContaining('legenda data verify letters'),
      `  ${digest(contents['a.gz'])}  a`,
      `  ${digest(contents['b.gz'])}  b`,
    ]);
  });

  test('is not looked for on the network when that is forbidden', async () => {
    served = { '/one/a.gz': stored['a.gz'], '/one/b.gz': stored['b.gz'] };
    expect((await failure(obtain({ offline: true }))).message).toContain('the network was not used');
    expect(requests).toEqual([]);
  });

  test('cannot be kept where the folder cannot be made: that is said', async () => {
    await writeFile(folder, 'a file in the way');
    served = { '/one/a.gz': stored['a.gz'], '/one/b.gz': stored['b.gz'] };
    expect((await failure(obtain())).message).toContain(
      `cannot make the folder ${folder}: a part of the path is not a folder`,
    );
  });
});
