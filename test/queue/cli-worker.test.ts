import { readdirSync, renameSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { legenda, main, type Running, start, startLegenda } from '../support/cli.js';
import { contentOf, smallCaptioner } from '../support/described.js';
import { hasRedis, type RedisServer, startRedis, withoutRedis } from '../support/redis.js';
import { writeTiles } from '../support/tiles.js';

describe.skipIf(!hasRedis)(`workers${withoutRedis}`, () => {
  let root: string;
  let run: string;
  let source: string;
  let described: string;
  let redis: RedisServer;
  let out: string;
  let count = 0;
  const started: Running[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'legenda-workers-'));
    run = await smallCaptioner(join(root, 'run'));
    source = join(root, 'tiles');
    await writeTiles(source, 130);
    described = join(root, 'described');
    expect((await legenda(args(described))).status).toBe(0);
    redis = await startRedis(root);
  }, 120_000);

  beforeEach(() => {
    out = join(root, `out-${count++}`);
  });

  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
  });

  afterAll(async () => {
    await redis?.[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });

  const args = (dir: string) => ['describe', source, '--run', run, '--out', dir, '--shard', '10'];
  const queue = () => ['--queue', redis.url];
  const begin = (given: readonly string[]): Running => {
    const running = startLegenda([...given, ...queue()]);
    started.push(running);
    return running;
  };
  const jobs = async (...given: string[]) => {
    const { status, stdout, stderr } = await legenda(['jobs', ...given, ...queue(), '--json']);
    expect(status, stderr).toBe(0);
    return given[0] === 'list'
      ? stdout
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : JSON.parse(stdout);
  };
  const until = async (passes: () => boolean | Promise<boolean>) => {
    while (!(await passes())) await setTimeout(50);
  };
  const shards = () => readdirSync(join(out, 'shards')).filter((name) => /^\d+\.jsonl$/.test(name));
  const isBegun = () =>
    until(() => readdirSync(root).includes(`out-${count - 1}`) && readdirSync(out).includes('shards'));

  test('jobs wait for a worker; one that is stopped gives back what it does', async () => {
    const describing = begin(args(out));
    await isBegun();
    await until(async () => (await jobs('list')).length === 13);
    expect((await jobs('list'))[0]).toMatchObject({
      ...{ id: expect.stringMatching(/^shard-[0-9a-f]{12}-\d{6}$/), kind: 'shard', folder: out, state: 'waiting' },
      ...{ share: 0, worker: null, failures: 0, reason: null },
    });
    const first = begin(['worker', '--lease', '600']);
    await until(() => shards().length > 0);
    first.child.kill('SIGTERM');
    const { status } = await first.ended;
    expect(status).toBe(0);
    const left = await jobs('list');
    expect(left.map(({ state }: { state: string }) => state)).toEqual(left.map(() => 'waiting'));
    expect(left.length).toBe(13 - shards().length);
    begin(['worker', '--jobs', '2']);
    expect((await describing.ended).status).toBe(0);
    expect(contentOf(out)).toEqual(contentOf(described));
    expect((await legenda(['jobs', 'list', ...queue()])).stdout).toBe('no jobs\n');
  });

  test('a cancelled archive ends by name, and goes on when it is described again', async () => {
    const describing = begin(args(out));
    await isBegun();
    await until(async () => (await jobs('list')).length === 13);
    expect(await jobs('cancel', out)).toHaveLength(13);
    const { status, stderr } = await describing.ended;
    expect(status).toBe(1);
    expect(stderr).toContain('legenda: shard 0: cancelled');
    const none = await legenda(['jobs', 'cancel', out, ...queue()]);
    expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('a job, or a folder with jobs, that is') });
    begin(['worker']);
    expect((await begin(args(out)).ended).status).toBe(0);
    expect(contentOf(out)).toEqual(contentOf(described));
  });

  test('a Redis that forgets everything is told again', async () => {
    const describing = begin(args(out));
    await isBegun();
    await until(async () => (await jobs('list')).length === 13);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    begin(['worker']);
    expect((await describing.ended).status).toBe(0);
    expect(contentOf(out)).toEqual(contentOf(described));
  });

  test('a job that fails is tried again, then named; others are not begun after it', async () => {
    // a worker whose disk is full: plans fit, shards do not
    const command = `ulimit -f 1; exec '${process.execPath}' '${main}' worker --queue ${redis.url}`;
    const full = start('bash', ['-c', command]);
    started.push(full);
    const describing = begin(args(out));
    const { status, stderr } = await describing.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/legenda: shard \d+: cannot write .*: the file would be larger than is allowed/);
    expect(shards()).toEqual([]);
    const failed = (await jobs('list')).filter(({ state }: { state: string }) => state === 'failed');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed[0]).toMatchObject({ failures: 3, reason: expect.stringContaining('larger than is allowed') });
    full.child.kill('SIGKILL');
    begin(['worker']);
    expect(await jobs('retry', failed[0].id)).toHaveLength(1);
    await until(() => shards().length > 0);
    expect((await begin(args(out)).ended).status).toBe(0);
    expect(contentOf(out)).toEqual(contentOf(described));
  });

  test('a run that vanishes is named, at once and not three times', async () => {
    const describing = begin(args(out));
    await isBegun();
    const elsewhere = join(root, 'no-run');
    await until(async () => (await jobs('list')).length === 13);
    renameSync(run, elsewhere);
    begin(['worker']);
    const { status, stderr } = await describing.ended;
    renameSync(elsewhere, run);
    expect(status).toBe(1);
    expect(stderr).toContain(`cannot open the run folder ${run}: there is no such file or folder`);
  });

  test('a password that is refused, and what is no Redis', async () => {
    await using closed = await startRedis(await mkdtemp(join(root, 'closed-')), ['--requirepass', 'open sesame']);
    const worker = (url: string) => legenda(['worker', '--queue', url]);
    const wanted = await worker(closed.url);
    expect(wanted).toMatchObject({ status: 1, stdout: '' });
    expect(wanted.stderr).toContain(`legenda: cannot use Redis at ${closed.url}: it wants a password`);
    const wrong = await worker(closed.url.replace('//', '//:secret@'));
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain('it does not accept the password');
    expect(wrong.stderr).not.toContain('secret');
    expect((await worker('redis://127.0.0.1:1')).stderr).toContain('the connection is refused (is it running?)');
    expect((await worker('redis://no-such-host.invalid')).stderr).toContain('there is no such host');
    expect(await worker('127.0.0.1:6379')).toMatchObject({ status: 2 });
    expect(await legenda(['worker'], { env: { LEGENDA_QUEUE: '' } })).toMatchObject({ status: 2 });
  });
});
