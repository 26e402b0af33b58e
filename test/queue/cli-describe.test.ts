import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readShard } from '../../src/archive/read-shard.js';
import { holdFolder } from '../../src/data/hold-folder.js';
import { childrenOf, legenda, main, settings, snapshot, start, startLegenda } from '../support/cli.js';
import { contentOf, rowsOf, smallCaptioner } from '../support/described.js';
import { writeTiles } from '../support/tiles.js';

const tiles = 130;

let root: string;
let run: string;
let source: string;
let bad: readonly string[];
let described: string;

const describe = (out: string, ...more: string[]) => [
  'describe',
  source,
  '--run',
  run,
  '--out',
  out,
  '--shard',
  '50',
  ...more,
];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-describe-'));
  run = await smallCaptioner(join(root, 'run'));
  source = join(root, 'tiles');
  bad = await writeTiles(source, tiles);
  described = join(root, 'described');
  const result = await legenda(describe(described, '--json'));
  expect(result.status, result.stderr).toBe(0);
  expect(JSON.parse(result.stdout)).toEqual({
    ...{ dir: described, tiles, described: tiles - bad.length, failed: bad.length, shards: 3 },
  });
}, 120_000);

afterAll(() => rm(root, { recursive: true, force: true }));

test('captions are those of legenda caption, and what failed says why', async () => {
  const rows = rowsOf(described);
  expect(rows.map(({ image }) => image)).toEqual(
    Array.from({ length: tiles }, (_, i) => `00/${String(i).padStart(6, '0')}.jpg`),
  );
  expect(rows.filter(({ error }) => error)).toEqual([
    { image: '00/000013.jpg', error: 'it is damaged or cut short: this JPEG cannot be decoded' },
    { image: '00/000037.jpg', error: 'it is empty, an image was expected (TIFF, PNG, JPEG or WebP)' },
    { image: '00/000061.jpg', error: 'it is a text file, an image was expected (TIFF, PNG, JPEG or WebP)' },
    {
      image: '00/000089.jpg',
      error: 'it is a PNG that claims to have 40000×40000 pixels: at most 100000000 are accepted',
    },
    { image: '00/000113.jpg', error: 'it is damaged or cut short: this JPEG cannot be decoded' },
  ]);
  const failures = readFileSync(join(described, 'failures.jsonl'), 'utf8').trimEnd().split('\n');
  expect(failures.map((line) => JSON.parse(line).image)).toEqual(bad);
  const captioned = await legenda(['caption', run, join(source, '00'), '--threads', '1', '--json']);
  const captions = captioned.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const [i, { caption, logProbability }] of captions.entries()) {
    expect(rows[i]!.caption).toBe(caption);
    if (caption !== undefined) expect(rows[i]!.logProbability).toBeCloseTo(logProbability, 4);
  }
});

test('the same command goes on with what is left, and does nothing where nothing is', async () => {
  const before = contentOf(described);
  rmSync(join(described, 'shards', '000001.jsonl'));
  const result = await legenda(describe(described));
  expect(result).toMatchObject({
    status: 0,
    stdout: `${described}: 125 of 130 tiles described, 5 failed (failures.jsonl)\n`,
  });
  expect(contentOf(described)).toEqual(before);
});

test('what failed is described again when that is asked for, and nothing else', async () => {
  const mended = join(root, 'mended');
  cpSync(source, mended, { recursive: true });
  const [out, anew] = [join(root, 'of-mended'), join(root, 'anew')];
  const args = (dir: string, ...more: string[]) => [
    ...['describe', mended, '--run', run, '--out', dir, '--shard', '10', ...more],
  ];
  expect((await legenda(args(out))).status).toBe(0);
  copyFileSync(join(mended, '00/000014.jpg'), join(mended, '00/000013.jpg'));
  rmSync(join(mended, '00/000061.jpg'));
  const before = snapshot(join(out, 'shards'));
  expect((await legenda(args(out))).status).toBe(0);
  expect(snapshot(join(out, 'shards'))).toEqual(before);
  const again = await legenda(args(out, '--retry-failed'));
  expect(again).toMatchObject({ status: 0, stdout: `${out}: 126 of 130 tiles described, 4 failed (failures.jsonl)\n` });
  expect(again.stderr).toContain('shards with tiles that failed, to be described again: 5\n');
  const after = snapshot(join(out, 'shards'));
  const touched = Object.keys(after).filter((name) => after[name] !== before[name]);
  expect(touched).toEqual(['01', '03', '06', '08', '11'].map((name) => `0000${name}.jsonl`));
  writeFileSync(join(mended, '00/000061.jpg'), '');
  expect((await legenda(args(anew))).status).toBe(0);
  rmSync(join(mended, '00/000061.jpg'));
  expect((await legenda(args(anew, '--retry-failed'))).status).toBe(0);
  expect(contentOf(out)).toEqual(contentOf(anew));
});

test('Parquet has the same rows; a beam and a class are said too; a list names images from its own folder', async () => {
  const classifier = join(root, 'classifier');
  const small = { channels: [2, 3], hidden: [6, 5], epochs: 1 };
  const trained = await legenda([
    'train',
    'fashion-cnn-best',
    ...settings(small),
    '--sample',
    '--threads',
    '1',
    '--out',
    classifier,
  ]);
  expect(trained.status, trained.stderr).toBe(0);
  const list = join(source, 'some.csv');
  writeFileSync(list, `image\n${['00/000013.jpg', '00/000002.jpg', '00/000004.jpg'].join('\n')}\n`);
  const out = (format: string) => join(root, `of-list-${format}`);
  for (const format of ['jsonl', 'parquet']) {
    const args = ['describe', list, '--run', run, '--out', out(format), '--classify', classifier, '--beam', '3'];
    const result = await legenda([...args, '--format', format, '--jobs', '1']);
    expect(result.status, result.stderr).toBe(0);
  }
  rmSync(list);
  const rows = rowsOf(out('jsonl'));
  expect(rows).toEqual([
    { image: '00/000013.jpg', error: expect.stringContaining('damaged') },
    ...['00/000002.jpg', '00/000004.jpg'].map((image) => ({
      ...{ image, caption: expect.any(String), logProbability: expect.any(Number) },
      ...{ class: expect.any(String), classProbability: expect.any(Number) },
    })),
  ]);
  const columns = [];
  for await (const row of readShard(join(out('parquet'), 'shards', '000000.parquet'))) columns.push(row);
  expect(columns).toEqual(rows);
  const captioned = await legenda(['caption', run, join(source, '00/000004.jpg'), '--threads', '1', '--beam', '3']);
  expect(captioned.stdout).toBe(`${join(source, '00/000004.jpg')}\t${rows[2]!.caption}\n`);
});

test('Ctrl-C ends it with what is described, and the same command goes on to the same bytes', async () => {
  const out = join(root, 'interrupted');
  const running = startLegenda(describe(out, '--shard', '10', '--jobs', '1'));
  while (!shardsOf(out).length) await setTimeout(20);
  running.child.kill('SIGINT');
  const { status, stderr } = await running.ended;
  expect(status).toBe(130);
  expect(stderr).toMatch(/legenda: interrupted; the same command goes on where it was\n$/);
  expect(shardsOf(out).length).toBeLessThan(13);
  expect(readdirSync(out)).not.toContain('summary.json');
  const again = await legenda(describe(out, '--shard', '10'));
  expect(again.status, again.stderr).toBe(0);
  expect(rowsOf(out)).toEqual(rowsOf(described));
});

const shardsOf = (out: string): string[] => {
  try {
    return readdirSync(join(out, 'shards')).filter((name) => /^\d/.test(name));
  } catch {
    return [];
  }
};

test('a shard whose process ends each time is named, and holds up no other', async () => {
  const out = join(root, 'poisoned');
  const running = startLegenda(describe(out, '--jobs', '1'));
  const killed = new Set<number>();
  let isOver = false;
  void running.ended.finally(() => {
    isOver = true;
  });
  while (killed.size < 3 && !isOver) {
    await setTimeout(10);
    const child = childrenOf(running.child.pid!).find((pid) => !killed.has(pid));
    if (child === undefined) continue;
    process.kill(child, 'SIGKILL');
    killed.add(child);
  }
  const { status, stderr } = await running.ended;
  expect(killed.size, stderr).toBe(3);
  expect(status).toBe(1);
  expect(stderr).toMatch(/legenda: shard 0: its process ended \(/);
  expect(shardsOf(out)).toEqual(['000001.jsonl', '000002.jsonl']);
  expect((await legenda(describe(out))).status).toBe(0);
  expect(contentOf(out)).toEqual(contentOf(described));
});

test('nothing that could be described is a failure', async () => {
  const [images, out] = [join(root, 'texts'), join(root, 'of-texts')];
  mkdirSync(images);
  writeFileSync(join(images, 'a.tif'), 'text');
  const result = await legenda(['describe', images, '--run', run, '--out', out]);
  expect(result).toMatchObject({ status: 1, stdout: `${out}: 0 of 1 tiles described, 1 failed (failures.jsonl)\n` });
  expect(result.stderr).toContain('legenda: no tile could be described: failures.jsonl says why');
});

test('a link to the folder is the folder', async () => {
  const [out, link] = [join(root, 'deep', 'er', 'of-link'), join(root, 'link')];
  mkdirSync(out, { recursive: true });
  symlinkSync(out, link);
  expect((await legenda(describe(link))).status).toBe(0);
  expect(rowsOf(out)).toEqual(rowsOf(described));
  expect((await legenda(describe(out))).status).toBe(0);
});

test('two commands in one folder: the second is refused, by name', async () => {
  const out = join(root, 'twice');
  {
    await using _ = await holdFolder(out, 'as if it were described');
    const second = await legenda(describe(out));
    expect(second).toMatchObject({ status: 2, stdout: '' });
    expect(second.stderr).toContain(`legenda: ${out} is being described by process ${process.pid} on `);
    expect(readdirSync(out)).toEqual(['.held.json']);
  }
  expect((await legenda(describe(out))).status).toBe(0);
  expect(contentOf(out)).toEqual(contentOf(described));
});

test('what is refused before anything is written', async () => {
  const other = join(root, 'other');
  mkdirSync(join(other, 'empty'), { recursive: true });
  writeFileSync(join(other, 'notes.txt'), '');
  const base = ['describe', source, '--run', run, '--out'];
  const wrong: [args: string[], status: 1 | 2, message: string][] = [
    [[...base, described], 2, `${described} holds another archive (its shardSize is 50, now 1000 came)`],
    [describe(described, '--beam', '2'), 2, `${described} holds another archive (its captioner.beam is 1, now 2 came)`],
    [describe(other), 2, `${other} is not empty (it has "empty")`],
    [
      ['describe', join(root, 'gone'), '--run', run, '--out', join(root, 'x')],
      1,
      `cannot read ${join(root, 'gone')}: there is no such`,
    ],
    [
      ['describe', main, '--run', run, '--out', join(root, 'x')],
      2,
      `${main}: a folder, a list (.txt, .csv, .parquet) or an image`,
    ],
    [['describe', source, '--run', other, '--out', join(root, 'x')], 1, `${other} is not a run: it has no run.json`],
    [[...base, join(root, 'x'), '--overlap', '8'], 2, '--overlap is of tiles: give --tile too'],
    [
      [...base, join(root, 'x'), '--tile', '64', '--overlap', '64'],
      2,
      "--overlap: less than the tile's 64 pixels is expected, 64 came",
    ],
    [[...base, join(root, 'x'), '--queue', 'localhost'], 2, '--queue: an address like redis://HOST:6379 is expected'],
    [
      [...base, join(root, 'x'), '--queue', 'redis://localhost:1'],
      1,
      'cannot use Redis at redis://localhost:1: the connection is refused',
    ],
  ];
  for (const [args, status, message] of wrong) {
    const before = contentOf(root);
    const result = await legenda(args);
    expect(result).toMatchObject({ status, stdout: '', stderr: expect.stringContaining(`legenda: ${message}`) });
    expect(contentOf(root)).toEqual(before);
  }
});

test('an archive without images, a list that changed, a run that went on', async () => {
  const empty = join(root, 'no-images');
  mkdirSync(empty);
  const nothing = await legenda(['describe', empty, '--run', run, '--out', join(root, 'nothing')]);
  expect(nothing).toMatchObject({
    status: 2,
    stderr: `legenda: ${empty} has no images: there is nothing to describe\n`,
  });
  expect(readdirSync(join(root, 'nothing'))).not.toContain('describe.json');

  const list = join(source, 'list.txt');
  const out = join(root, 'of-list');
  writeFileSync(list, '00/000001.jpg\n');
  expect((await legenda(['describe', list, '--run', run, '--out', out])).status).toBe(0);
  writeFileSync(list, '00/000002.jpg\n');
  const changed = await legenda(['describe', list, '--run', run, '--out', out]);
  expect(changed.status).toBe(2);
  expect(changed.stderr).toContain(`${out} holds another archive (its source.sha256 is `);
  rmSync(list);
});

test('a source that goes away while it is described is nobody’s fault: nothing is said of its tiles', async () => {
  const out = join(root, 'source-gone');
  const moved = join(root, 'tiles-elsewhere');
  const running = startLegenda(describe(out, '--shard', '10', '--jobs', '1'));
  while (!shardsOf(out).length) await setTimeout(5);
  renameSync(source, moved);
  const { status, stderr } = await running.ended;
  renameSync(moved, source);
  expect(status).toBe(1);
  expect(stderr).toContain(`the source folder ${source} is gone: there is no such file or folder`);
  expect((await legenda(describe(out, '--shard', '10'))).status).toBe(0);
  expect(rowsOf(out)).toEqual(rowsOf(described));
});

test('a disk that is full ends it with a named error, and nothing half written', async () => {
  const out = join(root, 'full');
  const args = describe(out, '--jobs', '1')
    .map((arg) => `'${arg}'`)
    .join(' ');
  // plans fit, shards do not
  const full = await start('bash', ['-c', `ulimit -f 4; exec '${process.execPath}' '${main}' ${args}`]).ended;
  expect(full.status).toBe(1);
  expect(full.stderr).toContain(
    `cannot write ${join(out, 'shards', '000000.jsonl')}: the file would be larger than is allowed`,
  );
  expect(readdirSync(join(out, 'shards'))).toEqual([]);
  expect((await legenda(describe(out))).status).toBe(0);
  expect(contentOf(out)).toEqual(contentOf(described));
});
