import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { legenda, settings, snapshot, startLegenda } from './support/cli.js';
import { inFolder } from './support/training.js';

const rates = [0.01, 0.001, 0.1];
const decoders = ['captioner', 'captioner-attention'];

const rateDir = (root: string, rate: number): string => join(root, 'runs', 'reproduce-quick-sample', `lr=${rate}`);
const decoderDir = (root: string, name: string): string => join(root, 'runs', `reproduce-quick-${name}`, 'seed=42');

const begin = (root: string) =>
  startLegenda([
    ...['reproduce', '--quick', '--sample', '--jobs', '6', '--threads', '1', '--json'],
    ...['--runs', join(root, 'runs'), '--out', join(root, 'report')],
  ]);

interface Event {
  readonly type: string;
  readonly state?: string;
  readonly step?: number;
  readonly resumed?: boolean;
}

const eventsOf = (dir: string): Event[] =>
  existsSync(join(dir, 'events.jsonl'))
    ? readFileSync(join(dir, 'events.jsonl'), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Event)
    : [];

const waitFor = (condition: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 90_000, interval: 50 });

/** Finished trainings that take a second, to stand where those of the reproduction would be in minutes. */
async function finishedRuns(root: string): Promise<void> {
  const train = async (recipe: string, values: Readonly<Record<string, unknown>>, ...more: readonly string[]) => {
    const rest = ['--threads', '1', '--out', join(root, recipe), ...more];
    const { status, stderr } = await legenda(['train', recipe, ...settings({ epochs: 1, ...values }), ...rest]);
    expect(status, stderr).toBe(0);
  };
  const scenes = { scenes: 20, side: 16, channels: [3, 4, 5], embedding: 6, hidden: 7, maxLength: 6, buckets: 1 };
  await Promise.all([
    train('fashion-cnn', { batch: 500, lr: 0.01 }, '--sample'),
    ...decoders.map((name) => train(name, scenes)),
  ]);
}

function replace(dir: string, run: string): void {
  rmSync(dir, { recursive: true, force: true });
  cpSync(run, dir, { recursive: true });
}

function finishRate(root: string, rate: number): void {
  const dir = rateDir(root, rate);
  replace(dir, join(root, 'fashion-cnn'));
  const path = join(dir, 'run.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"lr": 0.01', `"lr": ${rate}`));
}

test('reproduce goes on where it was stopped, trains nothing twice, and at last only writes the page again', async () => {
  await inFolder(async (root) => {
    const finished = finishedRuns(root);
    const stopped = begin(root);
    const interrupted = rateDir(root, 0.001);
    await waitFor(() => eventsOf(interrupted).some(({ type }) => type === 'epoch'));
    stopped.child.kill('SIGINT');
    const { status, stderr } = await stopped.ended;
    expect(status, stderr).toBe(130);
    expect(stderr).toContain('interrupted; the same command goes on where it was');
    expect(existsSync(join(root, 'report'))).toBe(false);
    const { state, step } = eventsOf(interrupted).at(-1)!;
    expect(state).toBe('interrupted');

    await finished;
    finishRate(root, 0.01);
    const done = snapshot(rateDir(root, 0.01));
    const killed = begin(root);
    await waitFor(() => eventsOf(interrupted).some(({ type, resumed }) => type === 'start' && resumed === true));
    expect(eventsOf(interrupted).find(({ resumed }) => resumed)).toMatchObject({ step });
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(snapshot(rateDir(root, 0.01))).toEqual(done);

    // The children of a killed process end when they next look: what they write must not go into other runs' folders.
    const trials = [...rates.map((rate) => rateDir(root, rate)), ...decoders.map((name) => decoderDir(root, name))];
    await quiet(trials);
    for (const rate of rates) finishRate(root, rate);
    for (const name of decoders) replace(decoderDir(root, name), join(root, name));
    const before = trials.map(snapshot);
    const ended = await begin(root).ended;
    expect(ended.status, ended.stderr).toBe(0);
    // Decoders are evaluated once, the best classifier is explained once.
    for (const [i, trial] of trials.entries())
      expect(withoutFindings(snapshot(trial))).toEqual(withoutFindings(before[i]!));
    expect(readdirSync(join(root, 'report', 'runs')).sort()).toEqual([
      'reproduce-quick-captioner-attention-seed=42',
      'reproduce-quick-captioner-seed=42',
      'reproduce-quick-fashion-mlp-sample-seed=42',
      ...[0.001, 0.01, 0.1].map((rate) => `reproduce-quick-sample-lr=${rate}`),
    ]);

    const page = join(root, 'report', 'index.html');
    const after = trials.map(snapshot);
    const first = statSync(page).mtimeMs;
    const again = await begin(root).ended;
    expect(again.status, again.stderr).toBe(0);
    expect(trials.map(snapshot)).toEqual(after);
    expect(statSync(page).mtimeMs).toBeGreaterThan(first);
    const states = JSON.parse(again.stdout).trials.map((trial: { state: string }) => trial.state);
    expect(states).toEqual(['done', 'done', 'done']);
  });
}, 180_000);

/** Until no run has had an event for a second. */
async function quiet(dirs: readonly string[]): Promise<void> {
  const count = () => dirs.reduce((sum, dir) => sum + eventsOf(dir).length, 0);
  for (let last = -1; last !== count(); ) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const found = ['evaluation.json', 'explanation.json'];

const withoutFindings = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !found.includes(name)));
