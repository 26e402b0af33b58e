import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LegendaError } from '../errors.js';
import { describeFileError } from '../files.js';
import { readJson } from '../json.js';
import { type RunEvent, readEvents, runState } from '../train/events.js';
import { openRun } from '../train/record.js';
import type { ClassifierRun } from './data.js';
import { publishedRates } from './published.js';
import { setupOf } from './setup.js';

const weights = z.array(
  z.array(
    z
      .number()
      .nullable()
      .transform((weight) => weight ?? Number.NaN),
  ),
);

/** `filters.json` of a run: kernels of [height][width] weights by layer. A weight that is not finite is null. */
const filtersSchema = z.object({
  layers: z.array(z.object({ layer: z.string(), kernels: z.array(weights).max(4096) })).max(64),
});

/** `confusion.json` of a run: `counts[i][j]` test images of class i were taken for class j. */
const confusionSchema = z
  .object({ classes: z.array(z.string()).min(1).max(100), counts: z.array(z.array(z.int().min(0))) })
  .refine(
    ({ classes, counts }) => counts.length === classes.length && counts.every((row) => row.length === classes.length),
    {
      error: 'counts is not a square with a row and a column for each class',
    },
  );

/**
 * What run folders hold of a classifier's training, in the order of the folders.
 *
 * @throws LegendaError when a folder is not a run, or a file in it is damaged
 */
export const fromRuns = (dirs: readonly string[]): Promise<ClassifierRun[]> => Promise.all(dirs.map(fromRun));

async function fromRun(dir: string): Promise<ClassifierRun> {
  const record = await openRun(dir);
  const { recipe, configuration, seed, parameters } = record;
  const events = await readEvents(dir);
  const learningRate = learningRateOf(dir, configuration, events);
  const reported =
    recipe === 'fashion-cnn' ? publishedRates.find((row) => row.learningRate === learningRate) : undefined;
  const test = events.findLast((event) => event.type === 'test');
  const filters = await readOptional(join(dir, 'filters.json'), filtersSchema);
  const confusion = await readOptional(join(dir, 'confusion.json'), confusionSchema);
  return {
    dir,
    parameters,
    seed,
    setup: setupOf(record),
    learningRate,
    configuration,
    epochs: events.flatMap((event) =>
      event.type === 'epoch'
        ? {
            epoch: event.epoch,
            trainLoss: event.trainLoss,
            trainLossSinceStart: event.trainLossSinceStart,
            validationLoss: event.validation.loss ?? Number.NaN,
            validationAccuracy: event.validation.accuracy ?? Number.NaN,
            seconds: event.seconds,
          }
        : [],
    ),
    state: runState(events),
    test: test && {
      loss: test.loss ?? Number.NaN,
      accuracy: test.accuracy ?? Number.NaN,
      checkpoint: test.checkpoint,
    },
    bestEpoch: bestEpochOf(events),
    reported,
    filters: filters?.layers,
    confusion,
  };
}

/** The rate that the run was given; a schedule may have changed it since. */
function learningRateOf(dir: string, configuration: Record<string, unknown>, events: readonly RunEvent[]): number {
  const given = configuration['lr'];
  if (typeof given === 'number') return given;
  for (const event of events) if (event.type === 'train' || event.type === 'epoch') return event.learningRate;
  throw new LegendaError(`${dir} has no learning rate: its configuration has no number "lr", and it has no events`);
}

/** The epoch at whose end the best checkpoint was saved, or else the one best on validation; 0 before the first. */
function bestEpochOf(events: readonly RunEvent[]): number {
  const checkpoint = events.findLast((event) => event.type === 'checkpoint' && event.best);
  const epochs = events.filter((event) => event.type === 'epoch');
  const saved = epochs.find(({ step }) => checkpoint?.type === 'checkpoint' && step === checkpoint.step);
  if (saved) return saved.epoch;
  const measured = epochs.flatMap(({ epoch, validation: { accuracy = Number.NaN } }) =>
    Number.isFinite(accuracy) ? [{ epoch, accuracy }] : [],
  );
  return measured.sort((a, b) => b.accuracy - a.accuracy)[0]?.epoch ?? 0;
}

async function readOptional<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  try {
    await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw describeFileError(error, `cannot read ${path}`);
  }
  return readJson(path, schema);
}
