import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { z } from 'zod';
import { deadline } from './http/deadline.js';
import { type GuardOptions, guard } from './http/guard.js';
import { answerError, Problem } from './http/problem.js';
import { readImage } from './http/read-image.js';
import { ServiceMetrics } from './metrics.js';
import { type ImageReader, imageReader } from './models/image-reader.js';
import type { BatchListener, ModelThread } from './models/model-thread.js';
import type { ModelAnswer, ModelDescription } from './models/protocol.js';
import { openApi } from './openapi.js';
import { type CaptionBody, type ClassBody, captionQuery, classQuery, type ModelBody } from './schemas.js';

export interface ServiceLimits {
  /** Requests for captions and classes that are let in at once, from 1; the next is answered 503. */
  readonly inHand: number;
  /** Within which an answer must be there. */
  readonly seconds: number;
  /** Of a request's body. */
  readonly maxBytes: number;
  /** Of an image. */
  readonly maxPixels: number;
}

export interface ServiceOptions {
  readonly guard: GuardOptions;
  readonly limits: ServiceLimits;
  readonly version: string;
  /** Told of errors that are nobody's but ours; the sender hears 500. */
  readonly onError: (error: unknown) => void;
}

type Kind = ModelDescription['kind'];
type AnswerOf<K extends Kind> = Extract<ModelAnswer, { kind: K }>;

interface Served {
  readonly name: string;
  readonly thread: ModelThread;
  readonly read: ImageReader;
}

const open = ['/healthz', '/readyz'];

/** Models as an HTTP service. */
export class Service {
  readonly metrics: ServiceMetrics;
  readonly #options: ServiceOptions;
  readonly #models = new Map<string, Served>();
  readonly #app = new Hono();
  #inHand = 0;
  #ready = true;

  constructor(options: ServiceOptions) {
    this.#options = options;
    const waiting = () => new Map([...this.#models].map(([name, { thread }]) => [name, thread.waiting]));
    this.metrics = new ServiceMetrics(waiting, () => this.#inHand);
    this.#route();
  }

  /** Where a model's batches are told to. @param name of the model */
  batchListener(name: string): BatchListener {
    return (images, seconds) => this.metrics.batch(name, images, seconds);
  }

  /** @param name not one that is there */
  add(name: string, thread: ModelThread): void {
    const { maxBytes, maxPixels } = this.#options.limits;
    this.#models.set(name, { name, thread, read: imageReader(thread.description, { maxBytes, maxPixels }) });
  }

  /** Answers a request. */
  readonly handle = (request: Request): Response | Promise<Response> => this.#app.fetch(request);

  /** From now on `/readyz` says that it is stopping; what comes is still answered. */
  stop(): void {
    this.#ready = false;
  }

  #route(): void {
    const app = this.#app;
    const { version } = this.#options;
    app.use(this.#measure());
    app.use(
      secureHeaders({
        contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
        xFrameOptions: 'DENY',
        strictTransportSecurity: false,
      }),
    );
    app.use(guard({ ...this.#options.guard, open }));
    app.get('/', (c) => c.json({ name: 'legenda', version, description: '/openapi.json', models: '/v1/models' }));
    app.get('/openapi.json', (c) => c.json(openApi(version, this.#options.guard.token !== undefined)));
    app.get('/healthz', (c) => c.text('ok\n'));
    app.get('/readyz', (c) => (this.#ready ? c.text('ready\n') : c.text('stopping\n', 503)));
    app.get('/metrics', async (c) =>
      c.body(await this.metrics.text(), 200, { 'content-type': this.metrics.contentType }),
    );
    app.get('/v1/models', (c) => c.json({ models: [...this.#models.values()].map(described) }));
    app.post('/v1/caption', (c) => this.#caption(c.req.raw));
    app.post('/v1/classify', (c) => this.#classify(c.req.raw));
    app.all('/v1/caption', () => onlyPost());
    app.all('/v1/classify', () => onlyPost());
    app.notFound((c) =>
      new Problem(404, `there is nothing at ${c.req.path}; /openapi.json says what there is`).toResponse(),
    );
    app.onError((error) => answerError(error, this.#options.onError));
  }

  async #caption(request: Request): Promise<Response> {
    const query = queryOf(request, captionQuery);
    const served = this.#named('captioner', query.model);
    const { description } = served.thread;
    if (description.kind === 'captioner') {
      if (query.best > description.beam)
        throw new Problem(400, `best: at most the beam, ${description.beam}, is expected, ${query.best} came`);
      if (query.attention && !description.attends)
        throw new Problem(400, `attention: "${served.name}" is ${description.recipe}, which does not look at regions`);
    }
    const { captions } = await this.#ask<'captioner'>(request, served, query.best);
    return json(captionBody(served.name, captions, query.attention));
  }

  async #classify(request: Request): Promise<Response> {
    const query = queryOf(request, classQuery);
    const served = this.#named('classifier', query.model);
    const { probabilities } = await this.#ask<'classifier'>(request, served, 1);
    const { description } = served.thread;
    const names = description.kind === 'classifier' ? description.classes : [];
    const classes = names
      .map((name, label) => ({ class: name, label, probability: probabilities[label]! }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, query.top);
    return json({ model: served.name, classes } satisfies ClassBody);
  }

  /** Reads the image of a request and has it answered; whatever happens, the request's place is free afterwards. */
  async #ask<K extends Kind>(request: Request, { thread, read }: Served, best: number): Promise<AnswerOf<K>> {
    const { inHand, seconds, maxBytes } = this.#options.limits;
    if (this.#inHand >= inHand)
      throw new Problem(503, `${inHand} requests are in hand already`, { 'retry-after': '1' });
    this.#inHand++;
    using due = deadline(seconds, request.signal);
    let decoding: Promise<unknown> = Promise.resolve();
    try {
      const file = await orAborted(readImage(request, maxBytes), due.signal);
      const pixels = read(file, due.signal);
      decoding = pixels;
      return (await thread.ask(await orAborted(pixels, due.signal), best, due.signal)) as AnswerOf<K>;
    } finally {
      // what is being decoded takes its memory until it is done, whoever has gone
      decoding
        .catch(() => {})
        .finally(() => {
          this.#inHand--;
        });
    }
  }

  #named(kind: Kind, name: string | undefined): Served {
    const ofKind = [...this.#models.values()].filter(({ thread }) => thread.description.kind === kind);
    const names = ofKind.map((served) => served.name).join(', ');
    if (name === undefined && ofKind.length > 1) throw new Problem(400, `model: one of ${names} is expected`);
    const found = name === undefined ? ofKind[0] : ofKind.find((served) => served.name === name);
    if (found) return found;
    throw new Problem(
      404,
      name === undefined ? `no ${kind} is served here` : `there is no ${kind} "${name}"; there are: ${names || 'none'}`,
    );
  }

  #measure(): (c: { req: { path: string }; res: Response }, next: () => Promise<void>) => Promise<void> {
    return async (c, next) => {
      const began = performance.now();
      await next();
      const path = paths.has(c.req.path) ? c.req.path : 'other';
      this.metrics.request(path, c.res.status, (performance.now() - began) / 1000);
    };
  }
}

const paths = new Set(['/', ...open, '/metrics', '/openapi.json', '/v1/models', '/v1/caption', '/v1/classify']);

function onlyPost(): never {
  throw new Problem(405, 'an image is expected by POST', { allow: 'POST' });
}

const json = (body: object): Response =>
  new Response(`${JSON.stringify(body)}\n`, { headers: { 'content-type': 'application/json' } });

function queryOf<Schema extends z.ZodType>(request: Request, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new Problem(400, path.length > 0 ? `${path.join('.')}: ${message}` : message);
}

/** What a promise comes to, unless the signal is aborted before. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => {});
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function described({ name, thread: { description } }: Served): ModelBody {
  const { recipe, step, batch } = description;
  if (description.kind === 'classifier')
    return { name, recipe, step, batch, kind: 'classifier', classes: [...description.classes] };
  const { preprocessing, beam, consensus, attends } = description;
  return { name, recipe, step, batch, kind: 'captioner', side: preprocessing.side, beam, consensus, attends };
}

function captionBody(model: string, captions: AnswerOf<'captioner'>['captions'], withAttention: boolean): CaptionBody {
  const regions = captions[0]?.attention?.[0]?.length ?? 0;
  const side = Math.sqrt(regions);
  return {
    model,
    captions: captions.map(({ caption, logProbability, ended, words, wordLogProbabilities, attention }) => ({
      caption,
      logProbability,
      ended,
      words: words.map((word, i) => ({
        word,
        logProbability: wordLogProbabilities[i]!,
        ...(withAttention && attention && { attention: Array.from(attention[i]!) }),
      })),
    })),
    ...(withAttention && regions > 0 && Number.isInteger(side) && { grid: { rows: side, columns: side } }),
  };
}
