import type { RunAnswer } from 'legenda/node';

type Measure = 'accuracy' | 'bleu4';

/** By which runs of a kind are compared. */
export const measureOf = ({ kind }: RunAnswer): Measure => (kind === 'classifier' ? 'accuracy' : 'bleu4');

export const measureNames: Readonly<Record<Measure, string>> = { accuracy: 'accuracy', bleu4: 'BLEU-4' };

/** The measure of the epoch that the run's configuration selects: the best so far, or the last. */
export function scoreOf(run: RunAnswer): number | undefined {
  const values = run.progress.epochs.map(({ validation }) => validation[measureOf(run)] ?? Number.NaN);
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return undefined;
  return run.select === 'best' ? Math.max(...finite) : finite.at(-1);
}

/**
 * The best of a sweep's runs by what they came to so far. Where some are paused, as those are that a sweep trains no further, only
 * runs that came to their end are compared, or while there is none, those with the most epochs.
 * @returns undefined where there are not two, or none has a score
 */
export function bestOf(runs: readonly RunAnswer[]): RunAnswer | undefined {
  const scored = runs.filter((run) => scoreOf(run) !== undefined);
  if (runs.length < 2 || scored.length === 0) return undefined;
  return furthest(scored).reduce((best, run) => (scoreOf(run)! > scoreOf(best)! ? run : best));
}

function furthest(runs: readonly RunAnswer[]): readonly RunAnswer[] {
  if (runs.every(({ progress }) => progress.state !== 'paused')) return runs;
  const ended = runs.filter(({ progress: { state } }) => state === 'done' || state === 'stopped-early');
  const most = Math.max(...runs.map(({ progress }) => progress.epochs.length));
  return ended.length > 0 ? ended : runs.filter(({ progress }) => progress.epochs.length === most);
}

/**
 * Exponential moving average, over the same part of a curve however many points it has.
 * @param strength from 0, as it is, to below 1
 */
export function smooth(values: readonly number[], strength: number): number[] {
  const share = strength ** (200 / Math.max(1, values.length));
  let before: number | undefined;
  return values.map((value) => {
    before = before === undefined ? value : share * before + (1 - share) * value;
    return before;
  });
}

const stateNames = {
  waiting: 'has not begun',
  running: 'running',
  done: 'done',
  interrupted: 'stopped',
  paused: 'paused',
  diverged: 'diverged',
  failed: 'failed',
  'stopped-early': 'done early',
} as const;

/** How it goes, in words. @param now the time in milliseconds */
export function stateOf(run: RunAnswer, now: number): string {
  const { state, heard } = run.progress;
  return isSilent(run, now) ? `not heard of for ${span(now - Date.parse(heard!))}` : stateNames[state];
}

/** Whether it can be gone on with. @param now the time in milliseconds */
export function canResume(run: RunAnswer, now: number): boolean {
  const { state } = run.progress;
  return !run.own && (['interrupted', 'paused', 'failed'].includes(state) || isSilent(run, now));
}

/** Whether it may have been killed, which no run says of itself; one that is trained elsewhere is heard of. */
export function isSilent({ progress: { state, heard }, own }: RunAnswer, now: number): boolean {
  return !own && state === 'running' && heard !== null && now - Date.parse(heard) > silence;
}

const minute = 60_000;
/** The studio's server resumes none that was heard of since. */
const silence = 5 * minute;

function span(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / minute);
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / (24 * 60))} days`;
}

/** Told apart by those who see colours and those who do not (Okabe and Ito, 2008), on light and dark. */
export const colours = [
  'var(--line-1)',
  'var(--line-2)',
  'var(--line-3)',
  'var(--line-4)',
  'var(--line-5)',
  'var(--line-6)',
];
