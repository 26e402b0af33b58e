import { STATUS_CODES } from 'node:http';
import { LegendaError } from '../../errors.js';

/** What went wrong with a request, for its sender: an answer of RFC 9457 (`application/problem+json`). */
export class Problem extends Error {
  override name = 'Problem';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail what was expected and what came; nothing of the machine */
  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }

  toResponse(): Response {
    const { status, message } = this;
    const body = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: message };
    return new Response(`${JSON.stringify(body)}\n`, {
      status,
      headers: { ...this.headers, 'content-type': 'application/problem+json' },
    });
  }
}

/**
 * The answer to what a handler threw.
 * @param onError told of what is nobody's fault but ours; the sender hears 500
 */
export function answerError(error: unknown, onError: (error: unknown) => void): Response {
  if (error instanceof Problem) return error.toResponse();
  // what is wrong with an image names it as it was given: "the image"
  if (error instanceof LegendaError) return new Problem(422, error.message).toResponse();
  onError(error);
  return new Problem(500, 'an error that was not expected').toResponse();
}
