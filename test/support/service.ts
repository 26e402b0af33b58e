/** `legenda serve` as a shell runs it, and requests that no well-behaved client sends. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { legenda, settings } from './cli.js';
import { type Listening, startListening } from './listening.js';
import { smallSettings } from './training.js';

/** Starts it on a free port. */
export const startService = (args: readonly string[]): Promise<Listening> =>
  startListening('serve', [...args, '--threads', '1']);

/** A captioner that looks, trained for a moment. @param maxLength words of a caption, at most @returns its folder */
export async function smallCaptioner(root: string, name = 'looks', maxLength = 6): Promise<string> {
  const small = { scenes: 20, side: 16, channels: [3, 4, 5], embedding: 6, hidden: 7, attention: 4, epochs: 1 };
  const dir = join(root, name);
  const given = settings({ ...small, maxLength, buckets: 1 });
  const trained = await legenda(['train', 'captioner-attention', ...given, '--threads', '1', '--out', dir]);
  expect(trained.status, trained.stderr).toBe(0);
  return dir;
}

/** A classifier, trained for a moment. @returns its folder */
export async function smallClassifier(root: string, name = 'garments'): Promise<string> {
  const dir = join(root, name);
  const given = settings({ ...smallSettings, epochs: 1 });
  const trained = await legenda(['train', 'fashion-cnn-best', '--sample', ...given, '--threads', '1', '--out', dir]);
  expect(trained.status, trained.stderr).toBe(0);
  return dir;
}

/** A connection on which anything may be sent. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes and gives back all that comes until the other side closes. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = await openSocket(port);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
  });
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

/** A number of `/metrics`: the sum over labels. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const values = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
