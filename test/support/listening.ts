/** Commands that listen, as a shell runs them. */
import { type Running, startLegenda } from './cli.js';

export interface Listening {
  readonly url: string;
  readonly port: number;
  readonly running: Running;
  /** Ends it as Ctrl-C would. @returns the exit status */
  stop(): Promise<number | NodeJS.Signals>;
}

/** Starts one on a free port. */
export async function startListening(command: 'serve' | 'studio', args: readonly string[]): Promise<Listening> {
  const running = startLegenda([command, ...args, '--port', '0', '--json']);
  const { url } = JSON.parse(await running.line(() => true)) as { url: string };
  return {
    url,
    port: Number(new URL(url).port),
    running,
    async stop() {
      running.child.kill('SIGINT');
      return (await running.ended).status;
    },
  };
}
