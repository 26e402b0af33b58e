import { runTrial } from '../../recipes/run-trial.js';
import { recipeNamed } from '../../recipes/table.js';
import { openNodeRuntime } from '../../runtime/open-node.js';
import type { Answer, TrialOrder } from './protocol.js';
import { type Amount, trialSource } from './trial-source.js';

/** Milliseconds between two answers that only say which step it is. */
const stepInterval = 100;

/** Milliseconds that who trained it before may take to notice that its worker is gone: a step, or the loading of data. */
const patience = 60_000;

/** Trains a trial in its folder, or goes on with it. */
export async function performTrial(
  { recipe: name, trial, untilEpoch, threads, device, from, ...options }: TrialOrder,
  signal: AbortSignal,
  answer: (message: Answer) => void,
): Promise<void> {
  let told = 0;
  startPathsFrom(from);
  const recipe = recipeNamed(name);
  const onWarning = (text: string) => answer({ type: 'warning', text });
  const onProgress = (amount: Amount) => answer({ type: 'data', amount });
  const source = await trialSource(recipe, options, { onProgress, onNote() {}, onWarning }, signal);
  await runTrial(trial, recipe, source, {
    runtime: (begun) =>
      openNodeRuntime({ threads: begun?.threads ?? threads, device: begun?.device ?? device ?? 'cpu' }),
    signal,
    patience,
    ...(untilEpoch !== undefined && { untilEpoch }),
    onStep(progress) {
      if (performance.now() - told < stepInterval) return;
      told = performance.now();
      answer({ type: 'step', progress });
      answer({ type: 'share', share: progress.step / progress.steps });
    },
    onEvent: (event) => answer({ type: 'event', event }),
    onWarning,
  });
}

/** This process is the trial's alone. A machine may lack the folder, and a trial need no path. */
function startPathsFrom(folder: string): void {
  try {
    process.chdir(folder);
  } catch {
    // a path that cannot be found then is named
  }
}
