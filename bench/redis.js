import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Starts Debian's Redis with an append-only file, in a folder of its own. */
export async function startRedis(dir) {
  const port = await freePort();
  const options = ['--port', String(port), '--dir', dir, '--save', '', '--appendonly', 'yes'];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 50));
  const ask = (...args) => execFileSync('redis-cli', ['-p', String(port), ...args], { encoding: 'utf8' });
  return {
    url: `redis://127.0.0.1:${port}`,
    ask,
    /** A number of `INFO`. */
    number: (key) => Number(new RegExp(`^${key}:([\\d.]+)`, 'm').exec(ask('info', 'all'))[1]),
    async stop() {
      server.kill('SIGKILL');
      await once(server, 'exit');
    },
  };
}

async function answers(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
