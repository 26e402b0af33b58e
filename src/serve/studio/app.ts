import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { LegendaError } from '../../errors.js';
import { configure } from '../../recipes/configure.js';
import { recipes } from '../../recipes/table.js';
import { hasEvaluation, readEvaluation } from '../../train/evaluation-file.js';
import { type GuardOptions, guard } from '../http/guard.js';
import { answerError, Problem } from '../http/problem.js';
import { captionerFiles, type ExportedCaptioners } from './captioner-files.js';
import { directives } from './content-security-policy.js';
import type { PageFile } from './pages.js';
import { filtersOf, modelOf, runAnswer } from './run-answers.js';
import type { IndexedRun, RunIndex } from './run-index.js';
import type { Trainings } from './trainings.js';

export interface StudioOptions {
  readonly guard: GuardOptions;
  readonly version: string;
  readonly index: RunIndex;
  readonly trainings: Trainings;
  readonly captioners: ExportedCaptioners;
  readonly pages: ReadonlyMap<string, PageFile>;
  readonly onError: (error: unknown) => void;
  /** Aborted when the studio ends: streams end with it. */
  readonly signal: AbortSignal;
}

/** Milliseconds between two looks at the run folders. */
const interval = 500;

const newTraining = z.strictObject({
  recipe: z.string(),
  settings: z.record(z.string(), z.unknown()).default({}),
  seed: z.int().min(0).default(42),
  sample: z.boolean().default(false),
});

const id = /^[0-9a-f]{16}$/;

/** The studio: its page, the runs below some folders as they go on, and trainings that the page begins and stops. */
export function studioApp({
  index,
  trainings,
  captioners,
  pages,
  version,
  onError,
  signal,
  ...options
}: StudioOptions) {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: { ...directives, frameAncestors: ["'none'"] },
      crossOriginEmbedderPolicy: 'require-corp',
      xFrameOptions: 'DENY',
      strictTransportSecurity: false,
    }),
  );
  app.use(guard({ ...options.guard, cookie: 'legenda-studio' }));
  app.use(
    bodyLimit({
      maxSize: 2 ** 20,
      onError: () => new Problem(413, 'at most a megabyte is accepted', { connection: 'close' }).toResponse(),
    }),
  );

  const find = (given: string): IndexedRun => {
    const run = id.test(given) ? index.find(given) : undefined;
    if (run === undefined) throw new Problem(404, 'there is no such run');
    return run;
  };
  const answers = () => {
    const own = new Set(trainings.all.flatMap(({ dir, state }) => (state === 'running' ? [dir] : [])));
    return index.runs.filter(isShown).map((run) => runAnswer(run, own.has(run.dir)));
  };

  app.get('/api/studio', (c) => c.json({ version, live: true }));
  app.get('/api/recipes', (c) => c.json(recipes.flatMap(described)));
  app.get('/api/runs', async (c) => {
    await index.update();
    return c.json(answers());
  });
  app.get('/api/runs/:id/filters', async (c) => c.json(await filtersOf(find(c.req.param('id')))));

  app.get('/api/runs/:id/evaluation', async (c) => {
    const { dir, kind } = find(c.req.param('id'));
    if (kind !== 'captioner') throw new Problem(404, 'only captioners are evaluated so');
    return c.json((await hasEvaluation(dir)) ? await readEvaluation(dir) : null);
  });
  app.get('/api/runs/:id/captioner/:file', async (c) => {
    const run = find(c.req.param('id'));
    const file = captionerFiles.find((name) => name === c.req.param('file'));
    if (file === undefined || run.kind !== 'captioner') throw new Problem(404, 'there is nothing here');
    const { bytes, key } = await captioners.read(run, file, c.req.query('of'));
    return c.body(bytes, 200, { 'content-type': 'application/octet-stream', etag: `"${key}"` });
  });
  app.get('/api/runs/:id/model.onnx', async (c) => {
    const run = find(c.req.param('id'));
    if (run.kind !== 'classifier') throw new Problem(404, 'there is nothing here');
    return c.body(new Uint8Array(await modelOf(run)), 200, { 'content-type': 'application/octet-stream' });
  });

  /** Every run whenever something of it has changed, and the trainings of ours. */
  app.get('/api/stream', (c) =>
    streamSSE(c, async (stream) => {
      const told = new Map<string, string>();
      let toldTrainings = '';
      let toldIds: string | undefined;
      while (!stream.aborted && !signal.aborted) {
        await index.update();
        const runs = answers();
        const ids = runs.map((run) => run.id).join();
        if (ids !== toldIds) await stream.writeSSE({ event: 'ids', data: JSON.stringify(runs.map((run) => run.id)) });
        toldIds = ids;
        for (const run of runs) {
          const version = `${index.find(run.id)?.history.version} ${run.own}`;
          if (told.get(run.id) === version) continue;
          told.set(run.id, version);
          await stream.writeSSE({ event: 'run', data: JSON.stringify(run) });
        }
        const now = JSON.stringify(trainings.all.map(({ state, message }) => ({ state, message: message ?? null })));
        if (now !== toldTrainings) await stream.writeSSE({ event: 'trainings', data: now });
        toldTrainings = now;
        await stream.sleep(interval);
      }
    }),
  );

  app.post('/api/trainings', async (c) => {
    const result = newTraining.safeParse(await jsonOf(c.req.raw));
    if (!result.success) throw new Problem(400, z.prettifyError(result.error));
    await asked(() => trainings.start(result.data));
    return c.json({ started: true }, 201);
  });
  app.post('/api/runs/:id/resume', async (c) => {
    const run = find(c.req.param('id'));
    await asked(() => trainings.resume(run));
    return c.json({ started: true }, 201);
  });
  app.post('/api/runs/:id/stop', (c) => {
    if (!trainings.stop(find(c.req.param('id')).dir))
      throw new Problem(409, 'it is not trained by this studio: stop it where it was begun');
    return c.json({ stopping: true }, 202);
  });

  app.get('*', async (c) => {
    const file = pages.get(c.req.path === '/' ? '/index.html' : c.req.path);
    if (file === undefined) throw new Problem(404, 'there is nothing here');
    return c.body(await file.read(), 200, {
      'content-type': file.type,
      'cache-control': file.lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
  });
  app.notFound(() => new Problem(404, 'there is nothing here').toResponse());
  app.onError((error) => answerError(error, onError));
  return app;
}

/** What never began is no run that anyone would look at: a report's copy of a record, or one that was killed at once. */
const isShown = ({ history, record }: IndexedRun): boolean =>
  history.progress.state !== 'waiting' || Date.now() - Date.parse(record.created) < 10 * 60_000;

/** What a page asks for and cannot have is said to it. */
async function asked(act: () => void | Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof LegendaError) throw new Problem(400, error.message);
    throw error;
  }
}

async function jsonOf(request: Request): Promise<unknown> {
  // other types are what forms of other sites can send
  if (!/^application\/json\b/.test(request.headers.get('content-type') ?? ''))
    throw new Problem(415, 'JSON is expected (application/json)');
  try {
    return await request.json();
  } catch {
    throw new Problem(400, 'the body is no JSON');
  }
}

/** What can be trained, with its settings as JSON Schema. */
function described(recipe: (typeof recipes)[number]) {
  if (recipe.kind === 'classifier' && recipe.training === undefined) return [];
  const { name, title, kind, schema } = recipe;
  return [
    { name, title, kind, schema: z.toJSONSchema(schema, { io: 'input' }), defaults: configure(recipe as never, {}) },
  ];
}
