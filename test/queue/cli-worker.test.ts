import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JobStatus } from '../../src/queue/redis/jobs.js';
import { writeCaptionSet } from '../support/caption-set.js';
import { legenda, main, type Running, settings, start, startLegenda } from '../support/cli.js';
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

  test('archives share a queue, and cancelling one leaves the others', async () => {
    const third = join(root, 'third');
    const some = [args(out), [...args(join(root, 'second')), '--beam', '3'], args(third)].map(begin);
    await until(async () => (await jobs('list')).length === 39);
    expect(await jobs('cancel', third)).toHaveLength(13);
    begin(['worker', '--jobs', '2']);
    const [first, second, cancelled] = await Promise.all(some.map(({ ended }) => ended));
    expect([first!.status, second!.status, cancelled!.status]).toEqual([0, 0, 1]);
    expect(contentOf(out)).toEqual(contentOf(described));
    const alone = join(root, 'second-alone');
    expect((await legenda([...args(alone), '--beam', '3'])).status).toBe(0);
    expect(contentOf(join(root, 'second'))).toEqual(contentOf(alone));
    expect(readdirSync(join(third, 'shards'))).toEqual([]);
  });

  test('a cancelled archive ends by name, and goes on when it is described again', async () => {
    const describing = begin(args(out));
    await isBegun();
    await until(async () => (await jobs('list')).length === 13);
    expect(await jobs('cancel', out)).toHaveLength(13);
    const { status, stderr } = await describing.ended;
    expect(status).toBe(1);
    expect(stderr).toContain('legenda: shard 0 and 12 more: cancelled');
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

  test('an archive that is made anew in the same folder is described anew, whatever a worker remembers', async () => {
    begin(['worker']);
    expect((await begin(args(out)).ended).status).toBe(0);
    rmSync(out, { recursive: true });
    const beam = [...args(out), '--beam', '3'];
    expect((await begin(beam).ended).status).toBe(0);
    const alone = join(root, 'beam');
    expect((await legenda([...args(alone), '--beam', '3'])).status).toBe(0);
    expect(contentOf(out)).toEqual(contentOf(alone));
    expect(contentOf(out)).not.toEqual(contentOf(described));
  });

  test('a job of another version is left for others, one of another program is refused', async () => {
    const queue = new Queue('legenda', { connection: { url: redis.url } });
    const order = { type: 'shard', archive: out, sha256: '', shard: 0 };
    await queue.add('shard', { order, legenda: '0.0.0' }, { jobId: 'shard-old' });
    await queue.add('mail', { to: 'someone' }, { jobId: 'mail' });
    const worker = begin(['worker']);
    await until(async () =>
      (await jobs('list')).some(({ id, state }: JobStatus) => id === 'shard-old' && state === 'delayed'),
    );
    await until(async () =>
      (await jobs('list')).some(({ id, state }: JobStatus) => id === 'mail' && state === 'failed'),
    );
    const [mail] = (await jobs('list')).filter(({ id }: JobStatus) => id === 'mail');
    expect(mail).toMatchObject({ kind: 'other', folder: '', reason: 'this is no job of Legenda' });
    await queue.close();
    worker.child.kill('SIGTERM');
    expect((await worker.ended).stderr).toContain('shard-old is for version 0.0.0 of Legenda');
  });

  test('a sweep with other settings in the same folder is not the one that was left in the queue', async () => {
    const sweep = (lr: string) => [
      ...['sweep', 'fashion-cnn-best', '--sample', '--grid', 'seed=1', '--out', out, '--json'],
      ...settings({ channels: [2, 3], hidden: [6, 5], epochs: 1, lr: Number(lr) }),
    ];
    const left = begin(sweep('0.001'));
    await until(async () => (await jobs('list')).length === 1);
    left.child.kill('SIGINT');
    expect((await left.ended).status).toBe(130);
    rmSync(out, { recursive: true });
    const second = begin(sweep('0.1'));
    await until(async () => (await jobs('list')).length === 2);
    begin(['worker']);
    const { status, stdout, stderr } = await second.ended;
    const run = JSON.parse(readFileSync(join(out, 'seed=1', 'run.json'), 'utf8'));
    // whichever comes first has the folder: the other says so
    if (status === 0) expect(run.configuration.lr).toBe(0.1);
    else expect(`${stdout}${stderr}`).toContain('has another run');
  });

  test('paths in settings start from the folder of the command, wherever workers are', async () => {
    await writeCaptionSet(join(root, 'captions'));
    const sweep = [
      ...['sweep', 'captioner', '--dataset', 'captions', '--grid', 'seed=1', '--out', out, '--json'],
      ...settings({ side: 16, channels: [2, 3, 4], embedding: 4, hidden: 4, epochs: 1, batch: 4 }),
    ];
    const sweeping = startLegenda([...sweep, ...queue()], { cwd: root });
    started.push(sweeping);
    const worker = startLegenda(['worker', ...queue()], { cwd: tmpdir() });
    started.push(worker);
    const { status, stderr } = await sweeping.ended;
    expect(status, stderr).toBe(0);
  });

  test('the end of a service reaches all processes: what they do is given back', async () => {
    const describing = begin(args(out));
    await isBegun();
    const worker = start(process.execPath, [main, 'worker', ...queue()], { detached: true });
    started.push(worker);
    await until(() => shards().length > 0);
    process.kill(-worker.child.pid!, 'SIGTERM');
    expect((await worker.ended).status).toBe(0);
    for (const { state, failures } of await jobs('list'))
      expect({ state, failures }).toEqual({ state: 'waiting', failures: 0 });
    begin(['worker']);
    expect((await describing.ended).status).toBe(0);
  });

  test('Ctrl-C is heard while Redis is away', async () => {
    const describing = begin(args(out));
    const worker = begin(['worker']);
    await isBegun();
    await until(() => shards().length > 0);
    await redis.stop('SIGKILL');
    describing.child.kill('SIGINT');
    worker.child.kill('SIGINT');
    const [first, second] = await Promise.all([describing.ended, worker.ended]);
    expect(first.status, first.stderr).toBe(130);
    expect(second.status, second.stderr).toBe(0);
    await redis.start();
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
