import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { integer, stream } from '../../src/tensor/random.js';
import { resumeCheckpoint } from '../../src/train/checkpoint.js';
import { readEvents, runState } from '../../src/train/events.js';
import { isEvent, legenda, type Running, settings, startLegenda } from '../support/cli.js';
import { inFolder, outcomeOf, smallSettings } from '../support/training.js';

const options = ['--sample', '--threads', '1', '--json', '--checkpoint-steps', '1'];

describe('a run that is killed again and again, and resumed, loses nothing but the steps since its last checkpoint', () => {
  // 2 epochs of 8 and of 16 steps. Each run is killed four times on its way and once more when it has been tested, then
  // goes on to its end; on a fast machine it may come there earlier, and another run takes the kills that are left.
  test.concurrent.each([
    ['fashion-cnn', { epochs: 2, batch: 37, validation: 0.9 }, 5],
    ['fashion-cnn-best', { ...smallSettings, epochs: 2, batch: 30, validation: 0.84 }, 10],
  ])('%s', { timeout: 180_000 }, async (recipe, changes, kills) => {
    await inFolder(async (root) => {
      const begin = (dir: string) => ['train', recipe, '--out', dir, ...options, ...settings(changes)];
      const whole = join(root, 'whole');
      const reference = await legenda(begin(whole));
      expect(reference.status, reference.stderr).toBe(0);

      const random = stream(11, 'kill', recipe);
      let killed = 0;
      for (let run = 0; killed < kills; run++) {
        const dir = join(root, `run-${run}`);
        let saved = 0;
        let ended = false;
        for (let start = 0; !ended; start++) {
          const running = startLegenda(start === 0 ? begin(dir) : ['train', recipe, '--resume', dir, ...options]);
          const event = integer(random, 0, 2);
          if (start < 4) await killAfter(running, (_, index) => index === event, integer(random, 0, 25));
          else if (start === 4) await killAfter(running, isEvent('test'), integer(random, 0, 10));
          const { status, stdout, stderr } = await running.ended;
          expect([0, 'SIGKILL'], stderr).toContain(status);
          if (status === 'SIGKILL') killed++;
          // what is killed after the event of its end has ended well
          ended = runState(await readEvents(dir)) === 'done';
          expect(ended || status === 'SIGKILL', stderr).toBe(true);
          saved = await stepThatIsSafe(dir, stdout, saved);
        }
        expect(await outcomeOf(dir)).toEqual(await outcomeOf(whole));
        for (const file of ['model.onnx', 'filters.json', 'confusion.json']) {
          expect(readFileSync(join(dir, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
        }
        expect(temporaries(dir)).toEqual([]);
        expect(readdirSync(join(dir, 'checkpoints')).length).toBeLessThanOrEqual(4);
      }
    });
  });
});

/** Kills some milliseconds after a line; a process that has ended by then is left. */
async function killAfter(running: Running, line: Parameters<Running['line']>[0], milliseconds: number): Promise<void> {
  await Promise.race([running.line(line), running.ended]);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  running.child.kill('SIGKILL');
}

/** Checks what a process left that began with `saved` steps and said `stdout`, and gives how many are saved now. */
async function stepThatIsSafe(dir: string, stdout: string, saved: number): Promise<number> {
  const said = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  expect(said[0].step, 'steps before the last checkpoint are not done again').toBeGreaterThanOrEqual(saved);
  const promised = said.filter(({ type }) => type === 'checkpoint').at(-1)?.step ?? saved;
  const checkpoint = await resumeCheckpoint(dir);
  expect(checkpoint?.warnings ?? []).toEqual([]);
  expect(checkpoint?.step ?? 0).toBeGreaterThanOrEqual(promised);
  expect(temporaries(dir).length, 'the run and its checkpoints have what one kill left').toBeLessThanOrEqual(2);
  return checkpoint?.step ?? 0;
}

const temporaries = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));
