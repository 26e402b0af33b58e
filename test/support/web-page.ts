/** Pages as users would bundle and serve them. */
import type { AddressInfo } from 'node:net';
import { build, preview } from 'vite';

/** Bundles the page in a folder into another. */
export async function bundle(root: string, out: string): Promise<void> {
  await build({
    root,
    base: './',
    logLevel: 'error',
    build: { outDir: out, emptyOutDir: true, target: 'esnext', minify: false },
    worker: { format: 'es' },
  });
}

export interface Served extends AsyncDisposable {
  readonly address: string;
}

/** Headers with which a page may have threads. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Serves a folder on loopback. @param isolated whether its pages may have threads */
export async function serveFolder(folder: string, isolated: boolean): Promise<Served> {
  const server = await preview({
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder },
    preview: { port: 0, ...(isolated && { headers: isolation }) },
  });
  const { port } = server.httpServer.address() as AddressInfo;
  return { address: `http://localhost:${port}/`, [Symbol.asyncDispose]: () => server.close() };
}
