import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LegendaError } from '../errors.js';
import { describeFileError, readFileBounded } from '../files.js';
import { parseJson } from '../json.js';

const count = z.int().min(0);

/** JSON has no NaN or infinity: both are written as null and read as NaN. */
const measured = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const time = z.iso.datetime();

/** What is measured on a split: the loss, in nats, is better when smaller, all others when larger. */
const measures = {
  loss: measured,
  accuracy: measured,
  bleu1: measured,
  bleu2: measured,
  bleu3: measured,
  bleu4: measured,
  rougeL: measured,
  ciderD: measured,
  /** Captions that differ, over all. */
  distinct: measured,
};

export type MeasureName = keyof typeof measures;

export const measureNames = Object.keys(measures) as readonly MeasureName[];

const measureKeys = Object.fromEntries(measureNames.map((name) => [name, true])) as Record<MeasureName, true>;

export type Measures = { readonly [Name in MeasureName]?: number | undefined };

/**
 * How a run can end. `interrupted`: asked to stop; `paused`: it has the epochs that it was to have for now; `diverged`: a loss that
 * is not finite; `stopped-early`: no better for long.
 */
const endStateSchema = z.enum(['done', 'interrupted', 'paused', 'diverged', 'failed', 'stopped-early']);

/** One line of `events.jsonl`. Steps and epochs count from the start of the training, also after it was resumed. */
export const runEventSchema = z.discriminatedUnion('type', [
  /** Training starts after `step` steps: 0, or where a checkpoint was. */
  z.object({ type: z.literal('start'), time, step: count, epoch: count, resumed: z.boolean() }),
  z.object({
    type: z.literal('train'),
    time,
    step: count,
    epoch: count,
    /** Mean over the steps since the last such event. */
    loss: measured,
    learningRate: measured,
    stepsPerSecond: measured,
  }),
  z.object({
    type: z.literal('epoch'),
    time,
    /** The epoch that has just finished, from 1. */
    epoch: count,
    step: count,
    /** Mean over this epoch's steps. */
    trainLoss: measured,
    /** Mean over every step since the start of the training, all epochs together. */
    trainLossSinceStart: measured,
    validation: z.object(measures).partial(),
    learningRate: measured,
    seconds: measured,
  }),
  z.object({ type: z.literal('checkpoint'), time, step: count, epoch: count, best: z.boolean() }),
  z.object({ type: z.literal('test'), time, ...measures, checkpoint: z.enum(['best', 'last']) }).partial(measureKeys),
  z.object({
    type: z.literal('end'),
    time,
    state: endStateSchema,
    step: count,
    epoch: count,
    message: z.string().optional(),
    seconds: measured,
  }),
]);

/** An event as it is used: a measure that was not finite is NaN. */
export type RunEvent = z.infer<typeof runEventSchema>;
export type EndState = z.infer<typeof endStateSchema>;

/** `running` is also the state of a run that was killed. */
export type RunState = 'running' | EndState;

type Untimed<Event> = Event extends RunEvent ? Omit<Event, 'time'> & { time?: string } : never;

/** An event to append; without a time it gets the present one. */
export type NewEvent = Untimed<RunEvent>;

/** Where a run's events are. */
export const eventsPath = (dir: string) => join(dir, 'events.jsonl');

/** The append-only log of a run. One process writes at a time. */
export class EventLog implements Disposable {
  readonly #path: string;
  #file: number | undefined;

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens `events.jsonl` of a run folder, or begins it. A last line that a kill cut short is ended, so that the next event
   * has a line of its own.
   * @throws LegendaError when it cannot be written
   */
  static open(dir: string): EventLog {
    const path = eventsPath(dir);
    let file: number | undefined;
    try {
      file = openSync(path, 'a+');
      const { size } = fstatSync(file);
      const last = Buffer.alloc(1);
      if (size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a)
        writeWhole(file, Buffer.from('\n'));
      return new EventLog(path, file);
    } catch (error) {
      if (file !== undefined) closeSync(file);
      throw describeFileError(error, `cannot open ${path}`);
    }
  }

  /**
   * Appends one line in one write, and gives back the event with its time.
   * @throws LegendaError when the disk is full or the log closed; the lines before are untouched then
   */
  append(event: NewEvent): RunEvent {
    if (this.#file === undefined) throw new LegendaError(`${this.#path} is closed: no more events can be appended`);
    const { type, time: given, ...rest } = event;
    const timed = { type, time: given ?? new Date().toISOString(), ...rest } as RunEvent;
    try {
      writeWhole(this.#file, Buffer.from(`${JSON.stringify(timed)}\n`));
    } catch (error) {
      throw describeFileError(error, `cannot append to ${this.#path}`);
    }
    return timed;
  }

  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A full disk takes a part of a write: what was there before must be all that stays. */
function writeWhole(file: number, bytes: Uint8Array): void {
  const { size } = fstatSync(file);
  try {
    // The rest of a write that was cut is tried once more, because only that gives the reason.
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}

/**
 * The events that count, in order. Where training started again from a checkpoint, what came after that checkpoint's step
 * before is left out: it happened to a model that is gone. A line cut short by a kill is skipped.
 *
 * @returns no events when the run has no `events.jsonl` yet
 * @throws LegendaError naming the line when one is damaged
 */
export async function readEvents(dir: string): Promise<RunEvent[]> {
  const path = eventsPath(dir);
  if (!(await exists(path))) return [];
  const text = new TextDecoder().decode(await readFileBounded(path, 512 * 2 ** 20));
  const kept: { event: RunEvent; step: number }[] = [];
  let step = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (isCut(line)) continue;
    const event = parseJson(line, runEventSchema, `${path}, line ${index + 1}`);
    // A test has no step of its own: it belongs to the model as it was last.
    if ('step' in event) step = event.step;
    while (event.type === 'start' && (kept.at(-1)?.step ?? 0) > event.step) kept.pop();
    kept.push({ event, step });
  }
  return kept.map(({ event }) => event);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw describeFileError(error, `cannot read ${path}`);
  }
}

/** Whether a write of the line did not finish: its braces are still open, or the file system filled it with NULs. */
export function isCut(line: string): boolean {
  if (line.trim() === '' || line.includes('\0')) return true;
  let depth = 0;
  let inText = false;
  for (let i = 0; i < line.length; i++) {
    if (inText && line[i] === '\\') i++;
    else if (line[i] === '"') inText = !inText;
    else if (!inText && line[i] === '{') depth++;
    else if (!inText && line[i] === '}') depth--;
  }
  return inText || depth > 0;
}

/** The state of a run by its events, as `readEvents` gives them. */
export function runState(events: readonly RunEvent[]): RunState {
  const last = events.findLast((event) => event.type === 'start' || event.type === 'end');
  return last?.type === 'end' ? last.state : 'running';
}

/**
 * The epoch whose parameters a run's configuration selects: the last, or the one that did best on validation so far.
 * @returns undefined before the first has ended
 */
export function selectedEpoch(events: readonly RunEvent[], select: 'last' | 'best') {
  const epochs = events.filter((event) => event.type === 'epoch');
  if (select === 'last') return epochs.at(-1);
  const best = events.findLast((event) => event.type === 'checkpoint' && event.best);
  if (best?.type !== 'checkpoint') return epochs.at(-1);
  return epochs.findLast(({ step }) => step === best.step);
}
