import { MultiBar, Presets } from 'cli-progress';
import { note, writeNotesBy } from './frame/output.js';

export interface ProgressOptions {
  /** What is going on, in front of the bar. */
  readonly label: string;
  /** How many units there are to do; may be corrected by `update`. */
  readonly total: number;
  /** Writes how much of how much, behind the percentage; `done/total` by default. */
  readonly format?: (done: number, total: number) => string;
}

/** Stop it in all cases: `using bar = startProgress(…)`. */
export interface Progress extends Disposable {
  /** @param text a remark behind the bar, such as the loss */
  update(done: number, text?: string, total?: number): void;
  stop(): void;
}

const running = new Set<Progress>();

/**
 * Progress on standard error: a bar with the time left on a terminal, elsewhere a plain line every five seconds (so that
 * work shorter than that prints nothing).
 */
export function startProgress(options: ProgressOptions): Progress {
  const { isTTY } = process.stderr;
  const shown = isTTY && process.env['TERM'] !== 'dumb' ? bar(options) : lines(options, 5000);
  const progress: Progress = {
    update: shown.update,
    stop() {
      if (running.delete(progress)) shown.stop();
    },
    [Symbol.dispose]: () => progress.stop(),
  };
  running.add(progress);
  return progress;
}

/** Stops what an error left running. */
export function stopProgress(): void {
  for (const progress of [...running]) progress.stop();
}

/** The bars that are drawn, below each other; notes go above them. */
let drawn: MultiBar | undefined;
let drawnCount = 0;

function openBars(): MultiBar {
  const bars = new MultiBar(
    { format: '{label} {bar} {percentage} %{rest}', stream: process.stderr, barsize: 24 },
    Presets.shades_classic,
  );
  writeNotesBy((line) => {
    bars.log(line);
    bars.update();
  });
  return bars;
}

function closeBars(): void {
  writeNotesBy(undefined);
  drawn?.stop();
  drawn = undefined;
}

function bar({ label, total, format = plain }: ProgressOptions): Pick<Progress, 'update' | 'stop'> {
  drawn ??= openBars();
  drawnCount++;
  const bars = drawn;
  const left = timeLeft();
  const rest = (done: number, text: string) =>
    [format(done, total), left(done, total), text].map((part) => part && ` ${part}`).join('');
  const single = bars.create(total, 0, { label, rest: rest(0, '') });
  return {
    update(done, text = '', newTotal = total) {
      total = newTotal;
      single.setTotal(total);
      single.update(done, { rest: rest(done, text) });
    },
    stop() {
      single.stop();
      // the last one stays, as what was done
      if (--drawnCount === 0) closeBars();
      else bars.remove(single);
    },
  };
}

function lines({ label, total, format = plain }: ProgressOptions, interval: number) {
  let next = Date.now() + interval;
  const left = timeLeft();
  return {
    update(done: number, text = '', newTotal = total): void {
      total = newTotal;
      if (Date.now() < next) return;
      next = Date.now() + interval;
      const percentage = total > 0 ? `${Math.floor((100 * done) / total)} %` : '';
      note(`${label}: ${[percentage, format(done, total), left(done, total), text].filter(Boolean).join(', ')}`);
    },
    stop() {},
  };
}

const plain = (done: number, total: number): string => `${done}/${total}`;

/** The time left, from the mean rate since the start; nothing in the first second, which tells little. */
function timeLeft(): (done: number, total: number) => string {
  const start = Date.now();
  return (done, total) => {
    const elapsed = Date.now() - start;
    if (done <= 0 || done >= total || elapsed < 1000) return '';
    return `${formatDuration(elapsed * (total / done - 1))} left`;
  };
}

/** Milliseconds as `42 s`, `3 min 05 s` or `1 h 02 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const pad = (value: number) => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
}

/** An amount of bytes, as `startProgress` takes it; of an unknown total when that is 0. */
export const amountOfBytes = (done: number, total: number): string =>
  total > 0 ? `${formatBytes(done)} of ${formatBytes(total)}` : formatBytes(done);

/** Bytes as `812 B`, `4.2 kB` or `26.4 MB` (decimal). */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
