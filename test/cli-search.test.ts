import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { TileRow } from '../src/archive/row.js';
import { manyTiles, shardPath, tilesOf, writeArchive } from './support/archive.js';
import { dist, legenda, main, refused, snapshot, start, startLegenda } from './support/cli.js';
import { inFolder } from './support/training.js';

const rows = [
  { image: 'a/0.png', caption: 'a river', class: 'river', bounds: [-9.2, 38.7, -9.1, 38.8] as const },
  { image: 'a/1.png', caption: 'white buildings by the river', logProbability: -2.5, class: 'town' },
  { image: 'm.tif', window: [0, 256, 256, 256] as const, caption: 'a white building near rivers' },
  { image: 'm.tif', error: 'no data' },
];

describe.concurrent('search', () => {
  test('finds tiles by their captions, for people and for programs', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'archive');
      writeArchive(dir, [rows]);
      const people = await legenda(['search', dir, 'white buildings near a river']);
      expect(people).toEqual({
        status: 0,
        stdout:
          'IMAGE    WINDOW         CLASS  CAPTION\n' +
          'a/1.png                 town   white buildings by the river\n' +
          'm.tif    0,256,256,256         a white building near rivers\n' +
          'a/0.png                 river  a river\n',
        stderr: '3 tiles, 2 with all the words\n',
      });
      const programs = await legenda(['search', dir, 'white buildings near a river', '--json', '--limit', '1']);
      expect(programs.stderr).toBe('3 tiles, 2 with all the words; the best 1 are shown\n');
      expect(JSON.parse(programs.stdout)).toEqual([
        { ...rows[1], shard: 0, line: 2, complete: true, score: expect.any(Number) },
      ]);
      const colours = await legenda(['search', dir, 'river'], { env: { FORCE_COLOR: '1' } });
      expect(colours.stdout).toContain('a \u001b[1mriver\u001b[22m');
    });
  });

  test('may ask for a class and a part of the world, and says when there is no such class', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'archive');
      writeArchive(dir, [rows], { format: 'parquet' });
      const images = async (...options: string[]) => {
        const { status, stdout, stderr } = await legenda(['search', dir, 'river', ...options, '--json']);
        expect(status, stderr).toBe(0);
        return { images: JSON.parse(stdout).map(({ image }: { image: string }) => image), stderr };
      };
      expect(await images('--class', 'town')).toEqual({ images: ['a/1.png'], stderr: '1 tile\n' });
      expect((await images('--bounds', '-10,38,-9,39')).images).toEqual(['a/0.png']);
      expect((await images('--bounds=-9,38,-8,39')).images).toEqual([]);
      expect((await images('--bounds', '170,38,-9.15,39')).images).toEqual(['a/0.png']);
      expect(await images('--class', 'lake')).toEqual({
        images: [],
        stderr: 'nothing found: the archive has no class "lake", it has river, town\n',
      });
    });
  });

  test('that finds nothing says so, with status 0', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'archive');
      writeArchive(dir, [rows]);
      expect(await legenda(['search', dir, 'zebra'])).toEqual({
        status: 0,
        stdout: '',
        stderr: 'nothing found: no caption has this word\n',
      });
      expect(await legenda(['search', dir, 'zebras "and lions"', '--json'])).toEqual({
        status: 0,
        stdout: '[]\n',
        stderr: 'nothing found: no caption has what was asked for\n',
      });
    });
  });

  test('that finds nothing within bounds or a class says which of them was in the way', async () => {
    await inFolder(async (root) => {
      const [dir, nowhere] = [join(root, 'archive'), join(root, 'nowhere')] as const;
      writeArchive(dir, [rows]);
      writeArchive(nowhere, [[{ image: 'a.png', caption: 'a river' }]]);
      // slow machines tell of progress before
      const reason = async (...args: string[]) => (await legenda(['search', ...args])).stderr.split('\n').at(-2);
      expect(
        await Promise.all([
          reason(nowhere, 'river', '--bounds', '0,0,1,1'),
          reason(dir, 'river', '--bounds', '0,0,1,1'),
          reason(dir, 'zebra', '--bounds=-10,38,-9,39'),
          reason(dir, 'zebra', '--class', 'town'),
        ]),
      ).toEqual([
        'nothing found: no tile of the archive has a position',
        'nothing found: no tile touches 0,0,1,1',
        'nothing found: no caption within the bounds has this word',
        'nothing found: no caption of class "town" has this word',
      ]);
    });
  });

  test('writes a page with pictures', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'archive');
      writeArchive(dir, [rows], { source: join(root, 'images') });
      mkdirSync(join(root, 'images', 'a'), { recursive: true });
      const image = sharp({ create: { width: 30, height: 20, channels: 3, background: 'green' } });
      await image.toFile(join(root, 'images', 'a', '1.png'));
      const page = join(root, 'pages', 'river.html');
      const result = await legenda(['search', dir, 'white river', '--page', page, '--json']);
      expect(result).toMatchObject({ status: 0, stderr: `page: ${page}\n3 tiles, 2 with all the words\n` });
      const html = readFileSync(page, 'utf8');
      expect(html.match(/<img /g)).toHaveLength(1);
      expect(html).toContain('No picture of a/0.png');
      expect(html).toContain(`legenda search ${dir} &#39;white river&#39; --limit 20 --page ${page}`);
    });
  });

  test.each([
    ['no words', ['* "" '], 'the query "* \\"\\" " has no words: write what to look for'],
    ['no words at all', [''], 'the query "" has no words'],
    ['a limit of nothing', ['river', '--limit', '0'], "option '--limit <n>' argument '0' is invalid"],
    ['three bounds', ['river', '--bounds', '1,2,3'], "argument '1,2,3' is invalid. Expected west,south,east,north"],
    ['bounds upside down', ['river', '--bounds', '1,2,3,1'], 'south below north'],
    ['bounds beyond the poles', ['river', '--bounds', '1,2,3,91'], 'from -90 to 90'],
  ])('refuses %s with status 2', async (_, args, message) => {
    await inFolder(async (root) => {
      writeArchive(root, [rows]);
      const before = snapshot(root);
      const result = await legenda(['search', root, ...args]);
      expect(result).toMatchObject({ status: 2, stdout: '' });
      expect(result.stderr).toContain(message);
      expect(snapshot(root)).toEqual(before);
    });
  });

  test('refuses what is no described archive by name', async () => {
    await inFolder(async (root) => {
      const [gone, file, folder] = ['gone', 'file', 'folder'].map((name) => join(root, name)) as [
        string,
        string,
        string,
      ];
      writeFileSync(file, 'text');
      mkdirSync(folder);
      const search = (dir: string) => ['search', dir, 'river'];
      await refused(search(gone), 1, `cannot open the archive ${gone}: there is no such file or folder`, root);
      await refused(search(file), 1, `${file} is not a described archive: it is not a folder`, root);
      await refused(search(folder), 1, `${folder} is not a described archive: it has no describe.json`, root);
      const manifest = join(folder, 'describe.json');
      writeArchive(folder, []);
      const whole = JSON.parse(readFileSync(manifest, 'utf8'));
      for (const [text, message] of [
        ['{', `${manifest} is not JSON`],
        [JSON.stringify({ ...whole, format: 2 }), `${manifest}: "format"`],
        [JSON.stringify({ ...whole, output: 'csv' }), `${manifest}: "output"`],
        [JSON.stringify(whole), `nothing has been described yet in ${folder}: it has no shards`],
      ] as const) {
        writeFileSync(manifest, text);
        await refused(search(folder), 1, message, root);
      }
      writeFileSync(join(folder, 'shards', '.000000.jsonl.0123abcd.tmp'), 'half');
      await refused(search(folder), 1, `nothing has been described yet in ${folder}`, root);
    });
  });

  test('names a shard that is damaged', async () => {
    await inFolder(async (root) => {
      writeArchive(root, [tilesOf(['a river'])]);
      writeFileSync(shardPath(root, 1), '{"image":"a.png","caption":"a river"}\n{"image":7}\n');
      const result = await legenda(['search', root, 'river']);
      expect(result).toMatchObject({ status: 1, stdout: '' });
      expect(result.stderr).toMatch(new RegExp(`^legenda: ${shardPath(root, 1)}, line 2: "image": `));
      expect(readdirSync(root).sort()).toEqual(['describe.json', 'search.sqlite', 'shards']);
    });
  });
});

const shards = Array.from({ length: 25 }, (_, number) => manyTiles(number, 300));
const query = ['white river near trees', '--json', '--limit', '200'];
const wordsIn = ({ caption }: TileRow) => ['white', 'river', 'trees'].filter((word) => caption!.includes(word)).length;
const counts = shards.flat().map(wordsIn);
const counted = (least: number) => counts.filter((count) => count >= least).length.toLocaleString('en');
const summary = `${counted(1)} tiles, ${counted(3)} with all the words; the best 200 are shown\n`;

describe('an archive that is searched by several', () => {
  const search = async (dir: string): Promise<string> => {
    const { status, stdout, stderr } = await legenda(['search', dir, ...query]);
    expect(status, stderr).toBe(0);
    // Slow machines tell of progress before.
    expect(stderr.slice(-summary.length)).toBe(summary);
    return stdout;
  };

  test('at once gives each all of it, and has one index in the end', async () => {
    await inFolder(async (root) => {
      writeArchive(root, shards);
      const [first, ...others] = await Promise.all([1, 2, 3].map(() => search(root)));
      for (const other of others) expect(other).toBe(first);
      expect(readdirSync(root).sort()).toEqual(['describe.json', 'search.sqlite', 'shards']);
      const { mtimeMs } = statSync(join(root, 'search.sqlite'));
      expect(await search(root)).toBe(first);
      expect(statSync(join(root, 'search.sqlite')).mtimeMs).toBe(mtimeMs);
    });
  });

  test('of whom some are killed at any moment is found completely by the next', async () => {
    await inFolder(async (root) => {
      const [whole, dir] = [join(root, 'whole'), join(root, 'archive')];
      for (const archive of [whole, dir]) writeArchive(archive, shards);
      // What has been indexed is kept after every shard.
      const script = `import { searchArchive } from ${dist('archive/search/search')};
        const options = { limit: 1, publishEvery: 0, onProgress: (done, total) => console.log(done, total) };
        await searchArchive(${JSON.stringify(dir)}, 'river', options);`;
      const kills: string[] = [];
      for (const after of [1, 3, 2]) {
        const { child, ended, line } = start(process.execPath, ['--input-type=module', '--eval', script]);
        kills.push(await line((text) => text.startsWith(`${after} `)));
        child.kill('SIGKILL');
        expect((await ended).status).toBe('SIGKILL');
      }
      const left = kills.map((text) => Number(text.split(' ')[1]));
      expect(left[0]).toBe(25);
      expect(left[2]).toBeLessThan(25);
      expect(await search(dir)).toBe(await search(whole));
    });
  });

  test('ends at Ctrl-C and goes on from there', async () => {
    await inFolder(async (root) => {
      writeArchive(root, shards);
      const { child, ended } = startLegenda(['search', root, ...query]);
      while (!readdirSync(root).some((name) => name.startsWith('.search.'))) await setTimeout(5);
      child.kill('SIGINT');
      expect(await ended).toEqual({ status: 130, stdout: '', stderr: 'legenda: interrupted\n' });
      expect(readdirSync(root).filter((name) => name !== 'search.sqlite')).toEqual(['describe.json', 'shards']);
      expect((await legenda(['search', root, ...query])).status).toBe(0);
    });
  });
});

describe('an archive that may not be written to', () => {
  /** Root may do anything: the command then runs as nobody. */
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const canRun = process.platform !== 'win32' && spawnSync(process.execPath, [main, '--version'], nobody).status === 0;

  test.skipIf(!canRun)(
    `is searched all the same${canRun ? '' : ' (skipped: no user without rights can run the command here)'}`,
    async () => {
      await inFolder(async (root) => {
        chmodSync(root, 0o755);
        const dir = join(root, 'archive');
        writeArchive(dir, [rows]);
        chmodSync(dir, 0o555);
        const before = snapshot(root);
        const search = () => legenda(['search', dir, 'white river', '--json'], nobody);
        const { status, stdout, stderr } = await search();
        expect(status, stderr).toBe(0);
        expect(stderr).toBe(
          `cannot write to ${dir}: permission denied: the index is made for this search alone\n3 tiles, 2 with all the words\n`,
        );
        expect(snapshot(root)).toEqual(before);
        // An index that is there already is used.
        chmodSync(dir, 0o755);
        await legenda(['search', dir, 'river']);
        chmodSync(dir, 0o555);
        expect(await search()).toEqual({ status: 0, stdout, stderr: '3 tiles, 2 with all the words\n' });
        rmSync(join(dir, 'search.sqlite'));
        chmodSync(dir, 0o755);
      });
    },
  );
});
