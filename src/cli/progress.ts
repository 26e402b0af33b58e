import { Presets, SingleBar } from 'cli-progress';
import { note } from './frame/output.js';

export interface ProgressOptions {
  /** What is going on, in front of the bar. */
  readonly label: string;
  /** How many units there are to do; may be corrected by `update`. */
  readonly total: number;
  /** How an amount is written; a plain number by default. */
  readonly format?: (amount: number) => string;
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

function bar({ label, total, format = String }: ProgressOptions): Pick<Progress, 'update' | 'stop'> {
  const single = new SingleBar(
    {
      format: '{label} {bar} {percentage} % {value}/{total} {left}{text}',
      formatValue: (value, _, type) => (type === 'value' || type === 'total' ? format(value) : String(value)),
      stream: process.stderr,
      barsize: 24,
    },
    Presets.shades_classic,
  );
  const left = timeLeft();
  single.start(total, 0, { label, left: '', text: '' });
  return {
    update(done, text = '', newTotal = total) {
      if (newTotal !== total) {
        total = newTotal;
        single.setTotal(total);
      }
      single.update(done, { left: left(done, total), text: text && ` ${text}` });
    },
    stop: () => single.stop(),
  };
}

function lines({ label, total, format = String }: ProgressOptions, interval: number) {
  let next = Date.now() + interval;
  const left = timeLeft();
  return {
    update(done: number, text = '', newTotal = total): void {
      total = newTotal;
      if (Date.now() < next) return;
      next = Date.now() + interval;
      const remark = [left(done, total), text].filter(Boolean).join(', ');
      note(`${label}: ${format(done)} of ${format(total)}${remark && `, ${remark}`}`);
    },
    stop() {},
  };
}

/** The time left, from the mean rate since the start. */
function timeLeft(): (done: number, total: number) => string {
  const start = Date.now();
  return (done, total) => {
    if (done <= 0 || done >= total) return '';
    return `${formatDuration((Date.now() - start) * (total / done - 1))} left`;
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

/** Bytes as `812 B`, `4.2 kB` or `26.4 MB` (decimal). */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
