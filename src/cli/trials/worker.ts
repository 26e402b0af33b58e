// A process of its own for one trial: told what to train by its parent, and gone with it.
import { LegendaError } from '../../errors.js';
import { runTrial } from '../../recipes/run-trial.js';
import { recipeNamed } from '../../recipes/table.js';
import { openNodeRuntime } from '../../runtime/open-node.js';
import type { Amount } from '../data-progress.js';
import type { Answer, Order } from './protocol.js';
import { trialSource } from './source.js';

/** Milliseconds between two answers that only say which step it is. */
const stepInterval = 100;

const interrupt = new AbortController();
// Ctrl-C reaches the whole group of processes: the parent hears it too, and says what to do
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
process.on('message', (order: Order) => {
  if (order.type === 'interrupt') interrupt.abort();
  else void train(order);
});

const answer = (message: Answer): void => {
  process.send?.(message);
};

/** The last answer; the channel to the parent would keep the process alive. */
const end = (message: Answer): void => {
  process.send?.(message, () => process.exit(0));
};

async function train({
  recipe: name,
  trial,
  untilEpoch,
  threads,
  device,
  ...options
}: Order & { type: 'train' }): Promise<void> {
  let told = 0;
  try {
    const recipe = recipeNamed(name);
    const onWarning = (text: string) => answer({ type: 'warning', text });
    const listeners = { onProgress: (amount: Amount) => answer({ type: 'data', amount }), onNote() {}, onWarning };
    const source = await trialSource(recipe, options, listeners, interrupt.signal);
    await runTrial(trial, recipe, source, {
      runtime: (begun) =>
        openNodeRuntime({ threads: begun?.threads ?? threads, device: begun?.device ?? device ?? 'cpu' }),
      signal: interrupt.signal,
      ...(untilEpoch !== undefined && { untilEpoch }),
      onStep(progress) {
        if (performance.now() - told < stepInterval) return;
        told = performance.now();
        answer({ type: 'step', progress });
      },
      onEvent: (event) => answer({ type: 'event', event }),
      onWarning,
    });
    end({ type: 'ended' });
  } catch (error) {
    if (interrupt.signal.aborted && error === interrupt.signal.reason) end({ type: 'ended' });
    else if (error instanceof LegendaError) end({ type: 'failed', message: error.message });
    else throw error;
  }
}
