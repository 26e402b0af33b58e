import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LegendaError } from '../../errors.js';
import type { RunEvent } from '../../train/events.js';
import type { StepProgress } from '../../train/fit.js';
import type { Amount } from '../data-progress.js';
import type { Answer, Order } from './protocol.js';

export interface Listeners {
  readonly onData: (amount: Amount) => void;
  readonly onEvent: (event: RunEvent) => void;
  readonly onStep: (progress: StepProgress) => void;
  readonly onWarning: (text: string) => void;
}

const worker = fileURLToPath(new URL('./worker.js', import.meta.url));

/**
 * Trains in a process of its own: ONNX Runtime keeps a process busy while it computes, and what one trial breaks, such as
 * the machine's memory, must not end the others.
 * @param signal asks it to stop after its step; the promise is kept once it has saved
 * @throws LegendaError when the trial cannot be begun, or its process ended by itself
 */
export function trainApart(
  order: Order & { readonly type: 'train' },
  listeners: Listeners,
  signal: AbortSignal,
): Promise<void> {
  // advanced: JSON has no NaN, which losses may be
  const child = fork(worker, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const tell = (what: Order): void => {
    if (child.connected) child.send(what);
  };
  const interrupt = () => tell({ type: 'interrupt' });
  signal.addEventListener('abort', interrupt);
  tell(order);
  if (signal.aborted) interrupt();
  return ending(child, listeners).finally(() => signal.removeEventListener('abort', interrupt));
}

const ending = (child: ChildProcess, { onData, onEvent, onStep, onWarning }: Listeners): Promise<void> =>
  new Promise((resolve, reject) => {
    let last: Answer | undefined;
    child.on('message', (answer: Answer) => {
      last = answer;
      if (answer.type === 'data') onData(answer.amount);
      if (answer.type === 'step') onStep(answer.progress);
      if (answer.type === 'event') onEvent(answer.event);
      if (answer.type === 'warning') onWarning(answer.text);
    });
    child.on('error', (error) => reject(new LegendaError('its process cannot be started', { cause: error })));
    child.on('close', (code, signal) => {
      if (last?.type === 'ended') resolve();
      else if (last?.type === 'failed') reject(new LegendaError(last.message));
      else
        reject(new LegendaError(`its process ended (${signal ?? `status ${code}`}); the same command goes on with it`));
    });
  });
