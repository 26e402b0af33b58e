/** Work that must not overlap: each begins when what was asked for before has ended, well or not. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(begin: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(begin);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
