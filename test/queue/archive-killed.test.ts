/**
 * An archive that is described by workers which are killed, over a Redis that goes away and comes back, has the bytes of one that
 * nobody disturbed. `TILES=20000 KILLS=20 npx vitest run test/queue/archive-killed` is the same with more of both.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { legenda, startLegenda } from '../support/cli.js';
import { contentOf, rowsOf, smallCaptioner } from '../support/described.js';
import { hasRedis, startRedis, withoutRedis } from '../support/redis.js';
import { writeTiles } from '../support/tiles.js';
import { inFolder } from '../support/training.js';
import { Workers } from '../support/workers.js';

const tiles = Number(process.env['TILES'] ?? 1500);
const kills = Number(process.env['KILLS'] ?? 6);

/** How many there are. */
function shardsOf(dir: string): number {
  try {
    return readdirSync(join(dir, 'shards')).length;
  } catch {
    return 0;
  }
}

test.skipIf(!hasRedis)(
  `workers killed, Redis stopped: every tile is described once, to the same bytes${withoutRedis}`,
  async () => {
    await inFolder(async (root) => {
      const [source, undisturbed, disturbed] = [join(root, 'tiles'), join(root, 'a'), join(root, 'b')];
      const run = await smallCaptioner(join(root, 'run'));
      const bad = await writeTiles(source, tiles);
      const describe = (out: string) => ['describe', source, '--run', run, '--out', out, '--shard', '50'];
      const alone = await legenda(describe(undisturbed));
      expect(alone.stderr).toMatch(/tiles in/);
      expect(alone).toMatchObject({
        status: 0,
        stdout: `${undisturbed}: ${tiles - bad.length} of ${tiles} tiles described, ${bad.length} failed (failures.jsonl)\n`,
      });

      await using redis = await startRedis(root);
      const queue = ['--queue', redis.url];
      await using workers = new Workers(2, [...queue, '--lease', '2']);
      const ended = new AbortController();
      const killing = { progress: () => shardsOf(disturbed), until: ended.signal };
      const begin = () => {
        const running = startLegenda([...describe(disturbed), ...queue]);
        // nothing is left to be disturbed
        void running.ended.then(({ status }) => status !== 'SIGKILL' && ended.abort());
        return running;
      };
      let described = begin();
      const third = Math.floor(kills / 3);
      const disturb = async () => {
        await workers.kill(kills - 2 * third, killing);
        await redis.stop();
        await setTimeout(1000);
        await redis.start();
        await workers.kill(third, killing);
        described.child.kill('SIGKILL');
        await described.ended;
        described = begin();
        await redis.stop('SIGKILL');
        await setTimeout(1000);
        await redis.start();
        await workers.kill(third, killing);
      };
      await disturb();
      const result = await described.ended;
      ended.abort();
      expect(result.status, result.stderr).toBe(0);
      expect(workers.killed).toBe(kills);

      expect(contentOf(disturbed)).toEqual(contentOf(undisturbed));
      const rows = rowsOf(disturbed);
      expect(new Set(rows.map(({ image }) => image)).size).toBe(tiles);
      expect(rows).toHaveLength(tiles);
      expect(rows.filter(({ error }) => error).map(({ image }) => image)).toEqual(bad);
      for (const row of rows) expect(typeof (row.error ?? row.caption)).toBe('string');
    });
  },
  600_000,
);
