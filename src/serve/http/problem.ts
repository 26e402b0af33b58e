import { STATUS_CODES } from 'node:http';

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
