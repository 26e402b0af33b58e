import { setTimeout as after } from 'node:timers/promises';
import { UsageError } from '../errors.js';
import { ownVersion } from '../recipes/machine.js';
import { checkGuard, type GuardOptions } from './http/guard.js';
import { listen } from './http/listen.js';
import { ModelThread } from './models/model-thread.js';
import type { ModelSettings } from './models/protocol.js';
import { Service, type ServiceLimits } from './service.js';

export interface StartOptions {
  /** What all models are opened with. */
  readonly model: Omit<ModelSettings, 'dir'>;
  readonly guard: GuardOptions;
  readonly limits: ServiceLimits;
  /** 0 for a free one. */
  readonly port: number;
  readonly onError: (error: unknown) => void;
}

/** A service that answers. */
export interface Running {
  readonly url: string;
  readonly models: readonly string[];
  /**
   * Resolves when the signal has been aborted and what was asked before has been answered.
   * @throws when a model's thread ends by itself
   */
  until(signal: AbortSignal): Promise<void>;
}

/**
 * Opens runs and answers requests about them.
 * @param runs folders by the name that requests use
 * @throws LegendaError when a run cannot be opened, or the address not be listened on; UsageError when an option is impossible
 */
export async function startService(
  runs: ReadonlyMap<string, string>,
  { model, guard, limits, port, onError }: StartOptions,
): Promise<Running> {
  checkGuard(guard);
  const service = new Service({ guard, limits, version: ownVersion(), onError });
  const threads: ModelThread[] = [];
  const stopThreads = () => Promise.all(threads.map((thread) => thread.stop()));
  try {
    for (const [name, dir] of runs) {
      const thread = await ModelThread.start({ ...model, dir }, service.batchListener(name));
      threads.push(thread);
      service.add(name, thread);
    }
    const isCaptioner = threads.some(({ description }) => description.kind === 'captioner');
    for (const key of ['beam', 'consensus'] as const)
      if (model[key] !== undefined && !isCaptioner) throw new UsageError(`--${key} is for captioners, there is none`);
    const server = await listen(service.handle, { host: guard.host, port, requestSeconds: limits.seconds });
    return {
      url: server.url,
      models: [...runs.keys()],
      async until(signal) {
        try {
          await Promise.race([aborted(signal), ...threads.map(({ broken }) => broken)]);
          service.stop();
          // a connection that says nothing would be waited for without end
          await Promise.race([server.stop(), after((limits.seconds + 1) * 1000, undefined, { ref: false })]);
        } finally {
          server.abort();
          await stopThreads();
        }
      },
    };
  } catch (error) {
    await stopThreads();
    throw error;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
