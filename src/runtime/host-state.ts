import { type Tensor, zeros } from '../tensor/tensor.js';
import type { Feeds, Session, StatefulSession, StateInput } from './session.js';

/**
 * State in the host's memory, in two sets of buffers that swap roles: a run reads one and writes the other. What may be
 * written in place has one buffer, which is in both.
 */
export class HostState implements StatefulSession {
  readonly #session: Session;
  /** Output by input, where there is a next value. */
  readonly #next: ReadonlyMap<string, string>;
  readonly #fixed: Readonly<Record<string, Tensor>>;
  #current: ReadonlyMap<string, Tensor>;
  #spare: ReadonlyMap<string, Tensor>;

  constructor(session: Session, state: readonly StateInput[]) {
    this.#session = session;
    const moving = state.filter(({ next }) => next !== undefined);
    this.#next = new Map(moving.map(({ name, next }) => [name, next!]));
    this.#current = new Map(moving.map(({ name, value }) => [name, copyOf(value)]));
    this.#spare = new Map(
      moving.map(({ name, value, inPlace = false }) => [name, inPlace ? this.#current.get(name)! : zeros(value)]),
    );
    const fixed = state.filter(({ next }) => next === undefined);
    this.#fixed = Object.fromEntries(fixed.map(({ name, value }) => [name, copyOf(value)]));
  }

  async run(feeds: Feeds, fetches: Readonly<Record<string, Tensor>>): Promise<void> {
    const fed: Record<string, Tensor> = { ...feeds, ...this.#fixed };
    const wanted: Record<string, Tensor> = { ...fetches };
    for (const [name, output] of this.#next) {
      fed[name] = this.#current.get(name)!;
      wanted[output] = this.#spare.get(name)!;
    }
    await this.#session.run(fed, wanted);
    [this.#current, this.#spare] = [this.#spare, this.#current];
  }

  async read(): Promise<ReadonlyMap<string, Tensor>> {
    return new Map([...this.#current, ...Object.entries(this.#fixed)]);
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

const copyOf = ({ dtype, shape, data }: Tensor): Tensor => ({ dtype, shape, data: data.slice() });
