/**
 * A sweep whose trials are trained by workers that are killed comes to the bits of one that nobody disturbed, and no step before a
 * checkpoint is taken twice. `TRIALS=12 KILLS=40 npx vitest run test/queue/sweep-killed` is the same with more of both.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/train/events.js';
import { legenda, settings, startLegenda } from '../support/cli.js';
import { hasRedis, startRedis, withoutRedis } from '../support/redis.js';
import { inFolder, outcomeOf, smallSettings } from '../support/training.js';
import { Workers } from '../support/workers.js';

const trials = Number(process.env['TRIALS'] ?? 3);
const kills = Number(process.env['KILLS'] ?? 4);

/** Every line, also those that do not count any more. */
const linesOf = (dir: string): RunEvent[] =>
  (existsSync(join(dir, 'events.jsonl')) ? readFileSync(join(dir, 'events.jsonl'), 'utf8') : '')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        // a kill cut it short
        return [];
      }
    });

test.skipIf(!hasRedis)(
  `workers killed: every trial ends, to the same bits, from its last checkpoint each time${withoutRedis}`,
  async () => {
    await inFolder(async (root) => {
      const seeds = Array.from({ length: trials }, (_, i) => i + 1);
      const args = (dir: string, ...more: string[]) => [
        ...['sweep', 'fashion-cnn-best', '--sample', '--grid', `seed=${seeds.join(',')}`, '--threads', '1'],
        ...settings({ ...smallSettings, channels: [8, 12], batch: 20, epochs: 8 }),
        ...['--out', dir, '--json', ...more],
      ];
      const [undisturbed, disturbed] = [join(root, 'a'), join(root, 'b')];
      const alone = await legenda(args(undisturbed));
      expect(alone.status, alone.stderr).toBe(0);

      await using redis = await startRedis(root);
      const queue = ['--queue', redis.url];
      await using workers = new Workers(2, [...queue, '--lease', '2']);
      const ended = new AbortController();
      const checkpoints = () =>
        seeds.flatMap((seed) => linesOf(join(disturbed, `seed=${seed}`))).filter(({ type }) => type === 'checkpoint')
          .length;
      let sweeping = startLegenda(args(disturbed, ...queue));
      await workers.kill(Math.ceil(kills / 2), { progress: checkpoints, until: ended.signal });
      // who gave the trials is killed too: the same command waits for them again
      sweeping.child.kill('SIGKILL');
      await sweeping.ended;
      sweeping = startLegenda(args(disturbed, ...queue));
      const killing = workers.kill(Math.floor(kills / 2), { progress: checkpoints, until: ended.signal });
      const result = await sweeping.ended;
      ended.abort();
      await killing;
      expect(result.status, result.stderr).toBe(0);
      const table = JSON.parse(result.stdout);
      expect(table.trials.map(({ state }: { state: string }) => state)).toEqual(seeds.map(() => 'done'));

      let resumed = 0;
      for (const seed of seeds) {
        const [whole, killed] = [join(undisturbed, `seed=${seed}`), join(disturbed, `seed=${seed}`)];
        expect(await outcomeOf(killed)).toEqual(await outcomeOf(whole));
        let checkpoint = 0;
        for (const event of linesOf(killed)) {
          if (event.type === 'checkpoint') checkpoint = event.step;
          if (event.type !== 'start') continue;
          // a kill between the checkpoint and the line that tells of it may have come before
          expect(event.step).toBeGreaterThanOrEqual(checkpoint);
          expect(event.resumed).toBe(event.step > 0);
          if (event.resumed) resumed++;
        }
      }
      expect(resumed).toBeGreaterThan(0);
      expect(workers.killed).toBe(kills);
    });
  },
  900_000,
);
