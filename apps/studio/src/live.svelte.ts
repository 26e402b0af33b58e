import type { RunAnswer } from 'legenda/node';

/** Whether this is a site of files: nothing changes, and nobody can be asked to do anything. */
export const isStill = document.documentElement.hasAttribute('data-still');

/** How a training that the studio began goes. */
export interface Training {
  readonly state: 'running' | 'ended' | 'failed';
  readonly message: string | null;
}

/** The runs as the studio's server sees them, kept up to date while the page is open. */
export class Live {
  runs = $state.raw<readonly RunAnswer[]>([]);
  trainings = $state.raw<readonly Training[]>([]);
  state = $state<'connecting' | 'open' | 'lost'>('connecting');
  readonly #source: EventSource | undefined;
  #ids: readonly string[] = [];
  readonly #known = new Map<string, RunAnswer>();
  #drawn = false;

  constructor() {
    if (isStill) {
      this.#source = undefined;
      this.#read();
      return;
    }
    this.#source = new EventSource('./api/stream');
    this.#source.addEventListener('open', () => {
      this.state = 'open';
    });
    this.#source.addEventListener('error', () => {
      this.state = 'lost';
    });
    this.#source.addEventListener('ids', ({ data }) => {
      this.#ids = JSON.parse(data);
      this.#draw();
    });
    this.#source.addEventListener('run', ({ data }) => {
      const run = JSON.parse(data) as RunAnswer;
      this.#known.set(run.id, run);
      this.#draw();
    });
    this.#source.addEventListener('trainings', ({ data }) => {
      this.trainings = JSON.parse(data);
    });
  }

  close(): void {
    this.#source?.close();
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
