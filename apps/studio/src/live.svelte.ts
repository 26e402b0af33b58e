import type { RunAnswer } from 'legenda/node';

/** Whether this is a site of files: nothing changes, and nobody can be asked to do anything. */
export const isStill = document.documentElement.hasAttribute('data-still');

/** How a training that the studio began goes. */
export interface Training {
  readonly state: 'running' | 'ended' | 'failed';
  readonly message: string | null;
}

/** `refused`: the token is not accepted any more. */
export type LiveState = 'connecting' | 'open' | 'lost' | 'refused';

/** Milliseconds until a stream that the browser gave up is asked for again. */
const pause = 3000;
/** Milliseconds between two looks at the clock. */
const tick = 10_000;

/**
 * The runs as the studio's server sees them, kept up to date while the page is shown: a browser gives a server six connections for
 * all of its pages, and a stream takes one.
 */
export class Live {
  /** Undefined until something was heard. */
  runs = $state.raw<readonly RunAnswer[] | undefined>();
  trainings = $state.raw<readonly Training[]>([]);
  state = $state<LiveState>('connecting');
  /** The time, which stands still while nothing can be heard. */
  now = $state(Date.now());
  #source: EventSource | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #ids: readonly string[] = [];
  readonly #known = new Map<string, RunAnswer>();
  #drawn = false;
  readonly #clock = setInterval(() => {
    if (this.state === 'open') this.now = Date.now();
  }, tick);

  constructor() {
    if (isStill) {
      this.#read();
      return;
    }
    document.addEventListener('visibilitychange', this.#follow);
    this.#follow();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#follow);
    clearInterval(this.#clock);
    this.#leave();
  }

  readonly #follow = (): void => {
    this.#leave();
    if (document.visibilityState === 'visible') this.#open();
  };

  #leave(): void {
    clearTimeout(this.#again);
    this.#source?.close();
    this.#source = undefined;
  }

  #open(): void {
    const source = new EventSource('./api/stream');
    this.#source = source;
    source.addEventListener('open', () => {
      this.state = 'open';
    });
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) void this.#askWhy(source);
      else this.state = 'lost';
    });
    source.addEventListener('ids', ({ data }) => {
      this.#ids = JSON.parse(data);
      this.#draw();
    });
    source.addEventListener('run', ({ data }) => {
      const run = JSON.parse(data) as RunAnswer;
      this.#known.set(run.id, run);
      this.#draw();
    });
    source.addEventListener('trainings', ({ data }) => {
      this.trainings = JSON.parse(data);
    });
  }

  /** A browser does not try again where the answer was no stream. */
  async #askWhy(source: EventSource): Promise<void> {
    const status = await fetch('./api/studio').then(
      (response) => response.status,
      () => undefined,
    );
    if (source !== this.#source) return;
    this.state = status === 401 ? 'refused' : 'lost';
    if (this.state === 'lost') this.#again = setTimeout(this.#follow, pause);
  }

  #read(): void {
    get<RunAnswer[]>('./api/runs').then(
      (runs) => {
        [this.runs, this.state] = [runs, 'open'];
      },
      () => {
        this.state = 'lost';
      },
    );
  }

  /** Once a frame, however much comes, and not before all that is there has come. */
  #draw(): void {
    if (this.#drawn) return;
    this.#drawn = true;
    requestAnimationFrame(() => {
      this.#drawn = false;
      if (this.#ids.every((id) => this.#known.has(id))) this.runs = this.#ids.map((id) => this.#known.get(id)!);
    });
  }
}

/** Asks the server to do something. @throws Error with what it says is wrong */
export async function ask(path: string, body: unknown = {}): Promise<void> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.ok) return;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new Error(problem.detail ?? `${response.status} ${response.statusText}`);
}

/** @throws Error when there is no such thing */
export async function get<T>(path: string): Promise<T> {
  const response = await fetch(isStill ? `${path}.json` : path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return (await response.json()) as T;
}
