import { fileURLToPath } from 'node:url';
import { ownVersion } from '../../recipes/machine.js';
import { checkGuard, type GuardOptions } from '../http/guard.js';
import { listen } from '../http/listen.js';
import { studioApp } from './app.js';
import { ExportedCaptioners } from './captioner-files.js';
import { pageFiles } from './pages.js';
import { RunIndex } from './run-index.js';
import { Trainings } from './trainings.js';

/** The page as it is built beside the program. */
export const builtPages = fileURLToPath(new URL('../../studio', import.meta.url));

export interface StudioSettings {
  /** Folders below which runs are; new ones are put into the first. */
  readonly roots: readonly [string, ...string[]];
  readonly guard: GuardOptions;
  /** 0 for a free one. */
  readonly port: number;
  /** That runs `legenda`, for trainings, with its first arguments. */
  readonly command: readonly string[];
  /** For every training. */
  readonly trainOptions: readonly string[];
  readonly onError: (error: unknown) => void;
}

/** A studio that answers. */
export interface RunningStudio {
  readonly url: string;
  /** Resolves when the signal has been aborted and its trainings have saved. */
  until(signal: AbortSignal): Promise<void>;
}

/** @throws LegendaError when the address cannot be listened on; UsageError when it needs a token */
export async function startStudio(settings: StudioSettings): Promise<RunningStudio> {
  const { roots, port, command, trainOptions, onError } = settings;
  checkGuard(settings.guard);
  const pages = await pageFiles(builtPages);
  const trainings = new Trainings(command, roots[0], trainOptions);
  const ending = new AbortController();
  const captioners = new ExportedCaptioners();
  const given = {
    index: new RunIndex(roots),
    trainings,
    captioners,
    pages,
    version: ownVersion(),
    onError,
    signal: ending.signal,
  };
  const app = studioApp({ ...given, guard: settings.guard });
  const server = await listen(app.fetch, { host: settings.guard.host, port, requestSeconds: 30 });
  return {
    url: server.url,
    async until(signal) {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      ending.abort();
      const stopped = server.stop();
      await trainings.stopAll();
      server.abort();
      await stopped;
      await captioners.removeAll();
    },
  };
}
