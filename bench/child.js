import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The environment with changes; undefined removes. @param {Record<string, string | undefined>} changes */
export const environmentWith = (changes) =>
  Object.fromEntries(Object.entries({ ...process.env, ...changes }).filter(([, value]) => value !== undefined));

/** A contestant in a process of its own, asked for steps line by line. */
export class Contestant {
  /**
   * @param {string} name
   * @param {readonly string[]} command
   * @param {Record<string, string | undefined>} env changes to the environment; undefined removes
   */
  constructor(name, command, env = {}) {
    this.name = name;
    const [program, ...args] = command;
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environmentWith(env) });
    this.errors = '';
    this.child.stderr.on('data', (text) => {
      this.errors = (this.errors + text).slice(-2000);
    });
    this.child.on('error', (error) => {
      this.errors += error.message;
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (status, signal) => resolve(signal ?? `status ${status}`));
    });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.rounds = [];
  }

  async ready() {
    this.version = (await this.#read()).version;
  }

  /** @param {number} steps */
  async run(steps) {
    this.child.stdin.write(`${steps}\n`);
    return this.#read();
  }

  async #read() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.name} ended (${await this.ended}): ${this.errors.trim().split('\n').at(-1)}`);
    return JSON.parse(value);
  }

  stop() {
    this.child.stdin.end();
    this.child.kill();
  }
}
