import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCheckpoint } from '../../src/train/checkpoint.js';
import { readEvents, runState } from '../../src/train/events.js';
import { isEvent, legenda, main, type Running, settings, snapshot, start, startLegenda } from '../support/cli.js';
import { inFolder, outcomeOf, smallSettings } from '../support/training.js';

const small = { ...smallSettings, batch: 60, validation: 0.84 };

/** Runs a command line in a shell that finds `legenda`, as a person would who copied it. */
function shell(line: string, cwd: string): Running {
  const bin = join(cwd, 'bin');
  mkdirSync(bin);
  symlinkSync(main, join(bin, 'legenda'));
  const PATH = `${bin}${delimiter}${process.env['PATH']}`;
  return start('sh', ['-c', line], { cwd, env: { PATH } });
}

describe.concurrent('Ctrl-C in train', () => {
  test('saves, and prints the command that goes on to the same bits', async () => {
    await inFolder(async (root) => {
      const dir = "a run, mine's";
      const args = ['--sample', '--threads', '1', '--seed', '5', '--json', ...settings({ ...small, epochs: 3 })];
      const running = startLegenda(['train', 'fashion-cnn-best', '--out', dir, ...args], { cwd: root });
      await running.line(isEvent('epoch'));
      running.child.kill('SIGINT');
      const { status, stdout, stderr } = await running.ended;
      expect(status, stderr).toBe(130);
      const last = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
      expect(last).toMatchObject({ type: 'end', state: 'interrupted' });
      expect((await loadCheckpoint(join(root, dir), 'last'))?.step).toBe(last.step);

      const command = /^legenda: interrupted; to go on: (.*)$/m.exec(stderr)?.[1] ?? '';
      expect(command).toBe(`legenda train fashion-cnn-best --resume 'a run, mine'\\''s' --json`);
      const resumed = await shell(command, root).ended;
      expect(resumed.status, resumed.stderr).toBe(0);
      expect(JSON.parse(resumed.stdout.split('\n')[0]!)).toMatchObject({
        type: 'start',
        step: last.step,
        resumed: true,
      });

      const whole = await legenda(['train', 'fashion-cnn-best', '--out', 'whole', ...args], { cwd: root });
      expect(whole.status, whole.stderr).toBe(0);
      expect(await outcomeOf(join(root, dir))).toEqual(await outcomeOf(join(root, 'whole')));
    });
  });

  test('a second one ends it at once, without a checkpoint', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'run');
      const args = ['--sample', '--threads', '1', '--json', '--checkpoint-steps', '1'];
      const running = startLegenda([
        ...['train', 'fashion-cnn', '--out', dir, ...args],
        // a step is long enough for both to come within it
        ...settings({ batch: 600, epochs: 1 }),
      ]);
      await running.line(isEvent('checkpoint'));
      // the second as soon after the first as it counts as one
      const pressing = setInterval(() => running.child.kill('SIGINT'), 1);
      const { status, stderr } = await running.ended.finally(() => clearInterval(pressing));
      expect(status).toBe(130);
      expect(stderr).not.toContain('to go on');
      expect(runState(await readEvents(dir))).toBe('running');
      expect((await loadCheckpoint(dir, 'last'))?.step).toBe(1);
    });
  });
});

describe.concurrent('Ctrl-C in sweep', () => {
  test('the same command goes on, and does not repeat what is finished', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const args = [
        ...['sweep', 'fashion-cnn-best', '--sample', '--jobs', '1', '--threads', '1', '--json', '--out', dir],
        ...['--grid', 'lr=0.01,0.02,0.03', ...settings({ ...small, epochs: 2 })],
      ];
      const running = startLegenda(args);
      await until(() => epochsSaidOf(join(dir, 'lr=0.02')) > 0);
      running.child.kill('SIGINT');
      const { status, stdout, stderr } = await running.ended;
      expect(status).toBe(130);
      expect(stderr).toContain('legenda: interrupted; the same command goes on where it was\n');
      const states = (text: string) => JSON.parse(text).trials.map(({ state }: { state: string }) => state);
      expect(states(stdout)).toEqual(['done', 'interrupted', 'waiting']);

      const finished = snapshot(join(dir, 'lr=0.01'));
      const again = await legenda(args);
      expect(again.status, again.stderr).toBe(0);
      expect(states(again.stdout)).toEqual(['done', 'done', 'done']);
      expect(snapshot(join(dir, 'lr=0.01'))).toEqual(finished);
      const starts = (await readEvents(join(dir, 'lr=0.02'))).filter((event) => event.type === 'start');
      expect(starts.map(({ step, resumed }) => [step > 0, resumed])).toEqual([
        [false, false],
        [true, true],
      ]);
    });
  });
});

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function epochsSaidOf(dir: string): number {
  try {
    return readFileSync(join(dir, 'events.jsonl'), 'utf8').split('"epoch",').length - 1;
  } catch {
    return 0;
  }
}
