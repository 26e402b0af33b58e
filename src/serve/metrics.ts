import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What is counted, for Prometheus. */
export class ServiceMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'legenda_requests_total',
    help: 'Requests that were answered, by path and status (499: the client had gone).',
    labelNames: ['path', 'status'],
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: 'legenda_request_seconds',
    help: 'From the head of a request to its answer.',
    labelNames: ['path'],
    buckets: seconds,
    registers: [this.#registry],
  });
  readonly #batchImages = new Histogram({
    name: 'legenda_batch_images',
    help: 'Images that were computed together.',
    labelNames: ['model'],
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers: [this.#registry],
  });
  readonly #batchSeconds = new Histogram({
    name: 'legenda_batch_seconds',
    help: 'Time that a batch took.',
    labelNames: ['model'],
    buckets: seconds,
    registers: [this.#registry],
  });

  /** @param waiting images that wait for their batch, by model @param inHand requests that have been let in */
  constructor(waiting: () => ReadonlyMap<string, number>, inHand: () => number) {
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: 'legenda_waiting_images',
      help: 'Images that wait for their batch.',
      labelNames: ['model'],
      registers: [this.#registry],
      collect() {
        for (const [model, count] of waiting()) this.set({ model }, count);
      },
    });
    new Gauge({
      name: 'legenda_requests_in_hand',
      help: 'Requests for captions and classes that are being answered.',
      registers: [this.#registry],
      collect() {
        this.set(inHand());
      },
    });
  }

  /** @param path one of ours: what others ask for must not become labels */
  request(path: string, status: number, took: number): void {
    this.#requests.inc({ path, status });
    this.#seconds.observe({ path }, took);
  }

  batch(model: string, images: number, took: number): void {
    this.#batchImages.observe({ model }, images);
    this.#batchSeconds.observe({ model }, took);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
