const looks = 4;

/**
 * Watches over something that is heard of again and again. Time in which this process stood still itself, as while the machine
 * sleeps, is one look and no more.
 */
export class Watch implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #missed = 0;

  /** @param milliseconds of silence, more or less, after which `onSilence` is called once */
  constructor(milliseconds: number, onSilence: () => void) {
    this.#timer = setInterval(() => {
      this.#missed++;
      if (this.#missed === looks) onSilence();
    }, milliseconds / looks);
    this.#timer.unref();
  }

  heard(): void {
    this.#missed = 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
