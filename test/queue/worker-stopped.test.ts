/** Workers that are frozen, as by a machine that sleeps, and thaw when others have done their jobs. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childrenOf, legenda, main, type Running, settings, snapshot, start, startLegenda } from '../support/cli.js';
import { contentOf, smallCaptioner } from '../support/described.js';
import { hasRedis, type RedisServer, startRedis, withoutRedis } from '../support/redis.js';
import { writeTiles } from '../support/tiles.js';
import { outcomeOf, smallSettings } from '../support/training.js';

describe.skipIf(!hasRedis)(`frozen workers${withoutRedis}`, () => {
  let root: string;
  let redis: RedisServer;
  const started: Running[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'legenda-frozen-'));
    redis = await startRedis(root);
  });

  afterAll(async () => {
    await endAll();
    await redis?.[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });

  const beginWorker = (): Running => {
    const args = [main, 'worker', '--queue', redis.url, '--lease', '2'];
    const worker = start(process.execPath, args, { detached: true });
    started.push(worker);
    return worker;
  };

  const endAll = async () => {
    for (const { child, ended } of started.splice(0)) {
      signal(-child.pid!, 'SIGKILL');
      await ended;
    }
  };

  describe('a trial', () => {
    let undisturbed: string;
    const sweep = (dir: string) => [
      ...['sweep', 'fashion-cnn-best', '--sample', '--grid', 'seed=1', '--threads', '1', '--out', dir],
      ...settings({ ...smallSettings, channels: [8, 12], batch: 20, epochs: 8 }),
    ];
    const isTrained = (dir: string) => () => {
      const events = join(dir, 'seed=1', 'events.jsonl');
      return existsSync(events) && readFileSync(events, 'utf8').includes('"checkpoint"');
    };

    beforeAll(async () => {
      undisturbed = join(root, 'undisturbed');
      const alone = await legenda(sweep(undisturbed));
      expect(alone.status, alone.stderr).toBe(0);
    });

    test.each([
      {
        what: 'a worker with its processes: another goes on from the checkpoint',
        frozenOf: (worker: number) => [-worker],
      },
      {
        what: 'a worker alone: its process ends the trial, another finds that',
        frozenOf: (worker: number) => [worker],
      },
      { what: 'the process of a trial alone: it is ended, and a new one goes on', frozenOf: childrenOf },
    ])('$what', async ({ frozenOf }) => {
      const dir = await mkdtemp(join(root, 'sweep-'));
      const sweeping = startLegenda([...sweep(dir), '--queue', redis.url]);
      const frozen = beginWorker();
      await until(isTrained(dir));
      const { pid } = frozen.child;
      for (const each of frozenOf(pid!)) signal(each, 'SIGSTOP');
      beginWorker();
      const { status, stderr } = await sweeping.ended;
      expect(status, stderr).toBe(0);
      const run = join(dir, 'seed=1');
      expect(await outcomeOf(run)).toEqual(await outcomeOf(join(undisturbed, 'seed=1')));
      const before = snapshot(run);
      signal(-pid!, 'SIGCONT');
      await setTimeout(4000);
      expect(snapshot(run)).toEqual(before);
      expect(frozen.child.exitCode).toBe(null);
      await endAll();
    });
  });

  test('an archive: shards are others’, and the same when they are written twice', async () => {
    const run = await smallCaptioner(join(root, 'run'));
    const source = join(root, 'tiles');
    await writeTiles(source, 200);
    const args = (dir: string) => ['describe', source, '--run', run, '--out', dir, '--shard', '20'];
    const [alone, dir] = [join(root, 'alone'), join(root, 'described')];
    expect((await legenda(args(alone))).status).toBe(0);
    const describing = startLegenda([...args(dir), '--queue', redis.url]);
    const frozen = beginWorker();
    await until(() => existsSync(join(dir, 'shards', '000001.jsonl')));
    signal(-frozen.child.pid!, 'SIGSTOP');
    beginWorker();
    const { status, stderr } = await describing.ended;
    expect(status, stderr).toBe(0);
    signal(-frozen.child.pid!, 'SIGCONT');
    await setTimeout(4000);
    expect(contentOf(dir)).toEqual(contentOf(alone));
    await endAll();
  });
});

const until = async (passes: () => boolean) => {
  while (!passes()) await setTimeout(20);
};

/** To a process, or (negative) to its group; one that has ended hears nothing. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended
  }
}
