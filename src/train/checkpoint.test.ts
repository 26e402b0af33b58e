import { spawn, spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { transpile } from '../../test/support/transpile.js';
import { LegendaError } from '../errors.js';
import { tensor, toNumbers } from '../tensor/tensor.js';
import { type Checkpoint, loadCheckpoint, resumeCheckpoint, saveCheckpoint } from './checkpoint.js';

/** Every value is the step, so that a mixture of two would show. */
const at = (step: number, note = ''): Checkpoint => ({
  step,
  tensors: new Map([
    ['conv1.weight', tensor('float32', [3, 2], new Float32Array(6).fill(step))],
    ['velocity/conv1.weight', tensor('float32', [3, 2], new Float32Array(6).fill(step / 8))],
  ]),
  progress: { epoch: 1, best: { loss: step / 4 }, note },
});

const name = (step: number) => `step-${String(step).padStart(8, '0')}.safetensors`;

let dir: string;
let folder: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'checkpoint-'));
  folder = join(dir, 'checkpoints');
});
afterEach(() => rm(dir, { recursive: true }));

const save = (step: number, best = false) => saveCheckpoint(dir, at(step), { best });
const files = async () => (await readdir(folder)).sort();

async function damage(file: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(join(folder, file), change(await readFile(join(folder, file))));
}

const flip = (bytes: Buffer) => {
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
};

describe('saveCheckpoint and loadCheckpoint', () => {
  it('give back the tensors and the progress', async () => {
    await save(5, true);
    expect(await loadCheckpoint(dir, 'last')).toEqual({
      ...at(5),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await loadCheckpoint(dir, 'best')).toEqual({
      ...at(5),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('give undefined before the first, and before the first best', async () => {
    expect(await loadCheckpoint(dir, 'last')).toBeUndefined();
    await save(5);
    expect(await loadCheckpoint(dir, 'best')).toBeUndefined();
  });

  it('keep the last two and the best', async () => {
    for (const step of [10, 20, 30, 40, 50]) await save(step, step === 20);
    expect(await files()).toEqual(['manifest.json', name(20), name(40), name(50)]);
    expect((await loadCheckpoint(dir, 'last'))?.step).toBe(50);
    expect((await loadCheckpoint(dir, 'best'))?.step).toBe(20);
    await save(60, true);
    expect(await files()).toEqual(['manifest.json', name(50), name(60)]);
    expect((await loadCheckpoint(dir, 'best'))?.step).toBe(60);
  });

  it('go by the order of saving when a run went back to an earlier step', async () => {
    await save(10);
    await save(20);
    await save(15);
    expect(await files()).toEqual(['manifest.json', name(15), name(20)]);
    expect((await loadCheckpoint(dir, 'last'))?.step).toBe(15);
  });

  it('write a second checkpoint of a step beside the first, not over it', async () => {
    await saveCheckpoint(dir, at(10, 'first'), { best: true });
    await saveCheckpoint(dir, at(10, 'second'), { best: false });
    expect((await loadCheckpoint(dir, 'last'))?.progress['note']).toBe('second');
    expect((await loadCheckpoint(dir, 'best'))?.progress['note']).toBe('first');
    await saveCheckpoint(dir, at(10, 'second'), { best: true });
    expect(await files()).toEqual(['manifest.json', 'step-00000010.1.safetensors']);
  });

  it('do not take back what was best when the same step is saved again', async () => {
    await save(10, true);
    await save(10);
    expect((await loadCheckpoint(dir, 'best'))?.step).toBe(10);
  });

  it('clean up what a kill left, and nothing else', async () => {
    await save(10);
    await copyFile(join(folder, name(10)), join(folder, name(11)));
    await writeFile(join(folder, `.${name(12)}.0a1b2c3d.tmp`), 'half');
    await writeFile(join(folder, '.manifest.json.0a1b2c3d.tmp'), '{');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    expect((await loadCheckpoint(dir, 'last'))?.step).toBe(10);
    await save(20);
    expect(await files()).toEqual(['manifest.json', 'notes.txt', name(10), name(20)]);
  });
});

describe('a checkpoint that is damaged', () => {
  it.each([
    ['has a flipped bit', flip, /is damaged/],
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, -1), /has \d+ bytes, expected \d+/],
    ['has more bytes', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)]), /more than the \d+/],
  ])('is refused by name when the last %s; a training falls back with a warning', async (_, change, warning) => {
    await save(10);
    await save(20);
    await damage(name(20), change);
    await expect(loadCheckpoint(dir, 'last')).rejects.toThrow(warning);
    const loaded = await resumeCheckpoint(dir);
    expect(loaded).toMatchObject(at(10));
    expect(loaded?.warnings).toHaveLength(1);
    expect(loaded?.warnings[0]).toMatch(name(20));
    expect(loaded?.warnings[0]).toMatch(warning);
  });

  it('falls back to the best when the last two are gone', async () => {
    await save(10, true);
    await save(20);
    await save(30);
    await damage(name(20), flip);
    await rm(join(folder, name(30)));
    const loaded = await resumeCheckpoint(dir);
    expect(loaded?.step).toBe(10);
    expect(loaded?.warnings).toHaveLength(2);
  });

  it('names every file when none is whole', async () => {
    await save(10);
    await save(20);
    await damage(name(10), flip);
    await damage(name(20), flip);
    const loading = resumeCheckpoint(dir);
    await expect(loading).rejects.toThrow(LegendaError);
    await expect(loading).rejects.toThrow(new RegExp(`no checkpoint .*${name(20)}.*${name(10)}`));
  });

  it('never passes another off as the best', async () => {
    await save(10, true);
    await save(20);
    await damage(name(10), flip);
    await expect(loadCheckpoint(dir, 'best')).rejects.toThrow(/best checkpoint of .* cannot be loaded: .*is damaged/);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -9), /manifest\.json is not JSON/],
    [
      'that leaves its folder',
      (text: string) => text.replaceAll(name(10), '../../x.safetensors'),
      /manifest\.json: "last"/,
    ],
    ['without its last', (text: string) => text.replace(name(10), name(11)), /not among the files/],
    ['of another version', (text: string) => text.replace('"format": 1', '"format": 2'), /manifest\.json: "format"/],
  ])('refuses a manifest %s', async (_, change, message) => {
    await save(10);
    await damage('manifest.json', (bytes) => Buffer.from(change(bytes.toString())));
    await expect(loadCheckpoint(dir, 'last')).rejects.toThrow(LegendaError);
    await expect(loadCheckpoint(dir, 'last')).rejects.toThrow(message);
    await expect(save(20)).rejects.toThrow(message);
    expect(await files()).toEqual(['manifest.json', name(10)]);
  });
});

describe('a process of its own', () => {
  const modules = ['train/checkpoint', 'tensor/tensor'] as const;
  const prelude = (url: (module: string) => string, run: string) => `
    import { loadCheckpoint, saveCheckpoint } from ${JSON.stringify(url('train/checkpoint'))};
    import { tensor } from ${JSON.stringify(url('tensor/tensor'))};
    const save = (step, size, best = false) => {
      const tensors = new Map([['x', tensor('float32', [size], new Float32Array(size).fill(step))]]);
      return saveCheckpoint(${JSON.stringify(run)}, { step, tensors, progress: { step } }, { best });
    };`;

  it('can be killed at any moment of saving, many times', async () => {
    using transpiled = transpile(...modules);
    const script = `${prelude(transpiled.url, dir)}
      const from = await loadCheckpoint(${JSON.stringify(dir)}, 'last');
      for (let step = (from?.step ?? 0) + 1; ; step++) {
        await save(step, 50_000, step % 3 === 0);
        process.stdout.write(step + '\\n');
      }`;
    let before = 0;
    for (let kill = 0; kill < 25; kill++) {
      const said = await lastLineBeforeKill(script, Math.random() * 25);
      const last = await resumeCheckpoint(dir);
      expect(last?.warnings).toEqual([]);
      expect(last?.step).toBeGreaterThanOrEqual(Math.max(said, before));
      expect(last?.progress).toEqual({ step: last?.step });
      expect(new Set(toNumbers(last!.tensors.get('x')!))).toEqual(new Set([last?.step]));
      const best = await loadCheckpoint(dir, 'best');
      if (last!.step >= 3) expect(best?.step).toBe(last!.step - (last!.step % 3));
      before = last!.step;
    }
    await saveCheckpoint(dir, at(before + 1), { best: true });
    expect(await files()).toEqual(['manifest.json', name(before), name(before + 1)]);
  });

  it.skipIf(process.platform === 'win32')(
    'fails by name where files may not grow, and leaves what was there',
    async () => {
      using transpiled = transpile(...modules);
      await save(10, true);
      const before = await readFile(join(folder, 'manifest.json'), 'utf8');
      const script = `${prelude(transpiled.url, dir)}
      process.on('SIGXFSZ', () => {});
      await save(20, 1_000_000).catch((error) => console.log(error.name, error.message));`;
      // Blocks of 512 bytes or of 1024, depending on the shell: far less than 4 MB either way.
      const child = spawnSync('sh', ['-c', 'ulimit -f 256; exec "$0" "$@"', process.execPath, '--input-type=module'], {
        input: script,
        encoding: 'utf8',
      });
      expect(child.stdout, child.stderr).toMatch(
        /^LegendaError cannot write .*step-00000020.*: the file would be larger/,
      );
      expect(await files()).toEqual(['manifest.json', name(10)]);
      expect(await readFile(join(folder, 'manifest.json'), 'utf8')).toBe(before);
      expect(await loadCheckpoint(dir, 'last')).toEqual({
        ...at(10),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    },
  );

  // A file system of one megabyte, which only this child sees and which goes with it.
  const small = (command: string, ...args: string[]) => [
    '-rm',
    'sh',
    '-c',
    `mount -t tmpfs -o size=1m none "$1" && shift && exec "$@"`,
    'sh',
    command,
    ...args,
  ];
  const canMount = spawnSync('unshare', small(tmpdir(), 'true')).status === 0;

  it.skipIf(!canMount)(
    `fails by name on a full disk, and loads what was there${canMount ? '' : ' (skipped: may not mount a small file system)'}`,
    () => {
      using transpiled = transpile(...modules);
      const script = `${prelude(transpiled.url, dir)}
        import { readdirSync } from 'node:fs';
        await save(1, 50_000, true);
        await save(2, 50_000);
        await save(3, 200_000).catch((error) => console.log(error.name, error.message));
        console.log(readdirSync(${JSON.stringify(folder)}).join(' '));
        console.log((await loadCheckpoint(${JSON.stringify(dir)}, 'last')).tensors.get('x').data[49_999]);
        await save(4, 100_000);
        console.log((await loadCheckpoint(${JSON.stringify(dir)}, 'last')).step);`;
      const args = small(dir, process.execPath, '--input-type=module');
      const child = spawnSync('unshare', args, { input: script, encoding: 'utf8' });
      expect(child.stdout.split('\n'), child.stderr).toEqual([
        `LegendaError cannot write ${join(folder, name(3))}: the disk is full`,
        ['manifest.json', name(1), name(2)].join(' '),
        '2',
        '4',
        '',
      ]);
    },
  );
});

/** Runs the script until some milliseconds after its first line, kills it, and gives the last number that it wrote. */
function lastLineBeforeKill(script: string, milliseconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), milliseconds));
    child.once('error', reject);
    child.once('close', (_, signal) => {
      if (signal !== 'SIGKILL') reject(new Error('the child ended by itself'));
      else resolve(Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1)));
    });
  });
}
