import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { LegendaError } from '../../errors.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Within which a whole request must have arrived. */
  readonly requestSeconds: number;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  /** Takes no more connections; resolves when what was asked has been answered. */
  stop(): Promise<void>;
  /** Closes connections that are still open. */
  abort(): void;
}

/**
 * @param handle answers requests; of errors that it throws the sender hears nothing but 500
 * @throws LegendaError when the address cannot be listened on
 */
export async function listen(
  handle: (request: Request) => Response | Promise<Response>,
  { host, port, requestSeconds }: ListenOptions,
): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: handle,
    serverOptions: {
      requestTimeout: requestSeconds * 1000,
      headersTimeout: Math.min(requestSeconds, 10) * 1000,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16 * 1024,
    },
  }) as Server;
  server.maxConnections = 2048;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = { EADDRINUSE: 'it is taken', EACCES: 'it is not allowed' }[error.code ?? ''] ?? error.message;
      reject(new LegendaError(`cannot listen on ${host}, port ${port}: ${why}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
    abort: () => server.closeAllConnections(),
  };
}
