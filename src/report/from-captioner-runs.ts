import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readEvaluation } from '../train/evaluation-file.js';
import { readEvents, runState } from '../train/events.js';
import { openRun } from '../train/record.js';
import type { CaptionerRun } from './data.js';
import { publishedCaptioners } from './published.js';
import { setupOf } from './setup.js';

/**
 * What run folders hold of captioners' trainings, in the order of the folders.
 * @throws LegendaError when a folder is not a run, or a file in it is damaged
 */
export const fromCaptionerRuns = (dirs: readonly string[]): Promise<CaptionerRun[]> => Promise.all(dirs.map(fromRun));

async function fromRun(dir: string): Promise<CaptionerRun> {
  const record = await openRun(dir);
  const { recipe, title, parameters, seed } = record;
  const events = await readEvents(dir);
  const isEvaluated = await stat(join(dir, 'evaluation.json')).then(
    () => true,
    () => false,
  );
  return {
    dir,
    seed,
    setup: setupOf(record),
    recipe,
    title,
    parameters,
    state: runState(events),
    epochs: events.flatMap((event) =>
      event.type === 'epoch'
        ? {
            epoch: event.epoch,
            trainLoss: event.trainLoss,
            validationBleu4: event.validation.bleu4 ?? Number.NaN,
            seconds: event.seconds,
          }
        : [],
    ),
    reported: publishedCaptioners[recipe],
    ...(isEvaluated && { evaluation: await readEvaluation(dir) }),
  };
}
