/** Debian's Redis, on a port and in a folder of its own, with an append-only file. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Whether `redis-server` is there. */
export const hasRedis = ((): boolean => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** What a skipped test adds to its name. */
export const withoutRedis = hasRedis ? '' : ' (skipped: no redis-server on the path; Debian’s redis-server has it)';

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Starts it again, with what its append-only file has. */
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** @param options of the command line, such as `['--requirepass', 'x']` */
export async function startRedis(dir: string, options: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const redis: RedisServer = {
    url,
    async start() {
      const persistent = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
      server = spawn('redis-server', ['--port', String(port), '--dir', dir, ...persistent, ...options], {
        stdio: 'ignore',
      });
      await listening(port, server);
    },
    async stop(signal = 'SIGTERM') {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
      server.kill(signal);
      await once(server, 'exit');
    },
    [Symbol.asyncDispose]: () => redis.stop('SIGKILL'),
  };
  await redis.start();
  return redis;
}

async function listening(port: number, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      // while it loads its file it answers that it does so
      socket.write('PING\r\n');
      const [answer] = await once(socket, 'data');
      if (!String(answer).startsWith('-LOADING')) return;
    } catch {
      // not yet
    } finally {
      socket.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`redis-server ended with ${server.exitCode}`);
}

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return address.port;
}
