import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCheckpoint } from '../../src/train/checkpoint.js';
import { legenda, main, settings, snapshot, start } from '../support/cli.js';
import { inFolder, outcomeOf, smallSettings } from '../support/training.js';

const kilobytes = 1024;

/** `unshare`, with a shell that sees a file system of its own and so small; both go with it. */
const withSmallDisk = (dir: string, script: string): string[] => [
  ...['-rm', 'sh', '-c', `mount -t tmpfs -o size=${kilobytes}k none "$1" || exit 99; shift; ${script}`, 'sh', dir],
  ...[process.execPath, main],
];
const canMount = spawnSync('unshare', withSmallDisk(tmpdir(), 'true')).status === 0;

const options = ['--sample', '--threads', '1', '--checkpoint-steps', '1'];
const more = settings({ ...smallSettings, hidden: [60, 50], epochs: 2, batch: 60, validation: 0.9 });
const train = ['train', 'fashion-cnn-best', ...options].join(' ');

test.skipIf(!canMount)(
  `a disk that fills up stops a run by name, and with room it goes on${canMount ? '' : ' (skipped: may not mount a small file system)'}`,
  async () => {
    await inFolder(async (root) => {
      const disk = join(root, 'disk');
      mkdirSync(disk);
      const whole = await legenda(['train', 'fashion-cnn-best', '--out', join(root, 'whole'), ...options, ...more]);
      expect(whole.status, whole.stderr).toBe(0);
      const checkpoints = join(root, 'whole', 'checkpoints');
      const saved = readdirSync(checkpoints).find((name) => name.startsWith('step-'))!;
      const { size } = statSync(join(checkpoints, saved));
      expect(size, 'two checkpoints and the rest of the run must fit').toBeLessThan(kilobytes * 350);
      // Beside the ballast there is room for the run's record and two checkpoints, not for three.
      const ballast = Math.floor((kilobytes * 1024 - 2.7 * size) / 4096) * 4096;
      const script = `
        node=$1 main=$2
        legenda() { name=$1; shift; "$node" "$main" "$@" >$name.out 2>$name.err; echo $? >$name.status; }
        cd ${root}
        echo mine >disk/model.onnx
        head -c ${ballast} /dev/zero >disk/ballast
        legenda full ${train} --out disk/run ${more.join(' ')}
        cp -a disk/run run-when-full
        legenda evaluate evaluate disk/run --threads 1 --json
        cat /dev/zero >disk/rest 2>/dev/null
        legenda again ${train} --resume disk/run
        legenda new ${train} --out disk/new ${more.join(' ')}
        legenda export export disk/run disk/model.onnx
        cp -a disk/run disk/new disk/model.onnx .
        rm disk/ballast disk/rest
        legenda resumed ${train} --resume disk/run
        cp -a disk/run run-in-the-end`;
      const { status, stderr } = await start('unshare', withSmallDisk(disk, script)).ended;
      expect(status, stderr).toBe(0);
      const read = (name: string) => readFileSync(join(root, name), 'utf8');
      const said = (name: string) => `${read(`${name}.status`)}${/^legenda: (.*)$/ms.exec(read(`${name}.err`))?.[1]}`;

      expect(said('full')).toMatch(/^1\ncannot write \S+step-00000003\.safetensors: the disk is full\n$/);
      expect((await loadCheckpoint(join(root, 'run-when-full'), 'last'))?.step).toBe(2);
      expect(JSON.parse(read('evaluate.out'))).toMatchObject({ step: 2 });

      // Not even who works in the folder can be written now.
      expect(said('again')).toBe('1\ncannot write disk/run/.held.json: the disk is full\n');
      expect(snapshot(join(root, 'run'))).toEqual(snapshot(join(root, 'run-when-full')));
      expect(said('new')).toBe('1\ncannot write disk/new/run.json: the disk is full\n');
      expect(readdirSync(join(root, 'new'))).toEqual([]);
      expect(said('export')).toBe('1\ncannot write disk/model.onnx: the disk is full\n');
      expect(read('model.onnx')).toBe('mine\n');

      expect(read('resumed.status')).toBe('0\n');
      expect(await outcomeOf(join(root, 'run-in-the-end'))).toEqual(await outcomeOf(join(root, 'whole')));
    });
  },
);
