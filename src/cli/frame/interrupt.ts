/** Thrown by a command that stopped because of Ctrl-C: exit status 130. The message says how to go on. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

export interface InterruptSignal extends Disposable {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * From now until disposed, the first Ctrl-C (SIGINT) aborts the signal and the command ends what it is doing; a second one
 * ends the process at once, with status 130.
 * @param signals that do so
 */
export function onInterrupt(signals: readonly NodeJS.Signals[] = ['SIGINT']): InterruptSignal {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Interrupted('interrupted'));
  };
  for (const signal of signals) process.on(signal, listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
