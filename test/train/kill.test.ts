import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { integer, type Stream, stream } from '../../src/tensor/random.js';
import { loadCheckpoint } from '../../src/train/checkpoint.js';
import { readEvents, runState } from '../../src/train/events.js';
import { isEvent, legenda, settings, startLegenda } from '../support/cli.js';
import { inFolder, outcomeOf, smallSettings } from '../support/training.js';

const options = ['--sample', '--threads', '1', '--json', '--checkpoint-steps', '1'];
const resume = (recipe: string, dir: string) => ['train', recipe, '--resume', dir, ...options];

describe('a run that is killed again and again, and resumed, loses nothing but the steps since its last checkpoint', () => {
  // 2 epochs of 8 steps
  test.each([
    ['fashion-cnn', { epochs: 2, batch: 37, validation: 0.9 }, 5],
    ['fashion-cnn-best', { ...smallSettings, epochs: 2, batch: 60, validation: 0.84, averageDecay: 0.9 }, 7],
  ])('%s', { timeout: 180_000 }, async (recipe, changes, kills) => {
    await inFolder(async (root) => {
      const [whole, killed] = [join(root, 'whole'), join(root, 'killed')];
      const begin = (dir: string) => ['train', recipe, '--out', dir, ...options, ...settings(changes)];
      const reference = await legenda(begin(whole));
      expect(reference.status, reference.stderr).toBe(0);

      const random = stream(11, 'kill', recipe);
      let saved = 0;
      for (let kill = 0; kill < kills; kill++) {
        const args = kill === 0 ? begin(killed) : resume(recipe, killed);
        saved = await killOnce(args, killed, saved, random);
      }
      for (let kill = 0; kill < 2; kill++) await killAfterTest(resume(recipe, killed), killed);
      const last = await legenda(resume(recipe, killed));
      expect(last.status, last.stderr).toBe(0);

      expect(runState(await readEvents(killed))).toBe('done');
      expect(await outcomeOf(killed)).toEqual(await outcomeOf(whole));
      for (const file of ['model.onnx', 'filters.json', 'confusion.json']) {
        expect(readFileSync(join(killed, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
      }
      expect(temporaries(killed)).toEqual([]);
      expect(readdirSync(join(killed, 'checkpoints')).length).toBeLessThanOrEqual(4);
    });
  });
});

/** Kills some milliseconds after one of the first events, and gives the step that is safe then. */
async function killOnce(args: readonly string[], dir: string, saved: number, random: Stream): Promise<number> {
  const running = startLegenda(args);
  const event = integer(random, 0, 3);
  await running.line((_, index) => index === event);
  await new Promise((resolve) => setTimeout(resolve, integer(random, 0, 120)));
  running.child.kill('SIGKILL');
  const { status, stdout } = await running.ended;
  expect(status, 'the command was to be killed before its end').toBeNull();

  const events = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  expect(events[0].step, 'steps before the last checkpoint are not done again').toBeGreaterThanOrEqual(saved);
  const said = events.filter(({ type }) => type === 'checkpoint').at(-1)?.step ?? saved;
  const checkpoint = await loadCheckpoint(dir, 'last');
  expect(checkpoint?.warnings ?? []).toEqual([]);
  expect(checkpoint?.step ?? 0).toBeGreaterThanOrEqual(said);
  expect(runState(await readEvents(dir))).toBe('running');
  expect(temporaries(dir).length, 'each folder has what one kill left').toBeLessThanOrEqual(2);
  return checkpoint?.step ?? 0;
}

/** Kills a run that has been tested, while it writes its model. */
async function killAfterTest(args: readonly string[], dir: string): Promise<void> {
  const running = startLegenda(args);
  await running.line(isEvent('test'));
  running.child.kill('SIGKILL');
  expect((await running.ended).status).toBeNull();
  expect(runState(await readEvents(dir))).toBe('running');
  expect(existsSync(join(dir, 'confusion.json'))).toBe(false);
}

const temporaries = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));
