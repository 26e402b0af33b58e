/** Keeps decoded blocks up to a number of bytes, those that were used last. */
export class BlockCache {
  /** Bytes of all blocks that are kept; may grow. */
  limit = 0;
  readonly #kept = new Map<string, { readonly block: Promise<Uint8Array>; readonly bytes: number; used: number }>();
  #bytes = 0;
  #round = 0;

  /** Begins a round of uses that belong together, a window's. */
  nextRound(): void {
    this.#round++;
  }

  /**
   * The block of a key, or what `make` gives. Where a round needs more blocks than are kept, some stay for the next and the rest
   * is made each time: to make room for each other in turn would help none.
   */
  get(key: string, bytes: number, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const found = this.#kept.get(key);
    if (found) {
      found.used = this.#round;
      this.#kept.delete(key);
      this.#kept.set(key, found);
      return found.block;
    }
    const block = make();
    for (const [oldKey, old] of this.#kept) {
      if (this.#bytes + bytes <= this.limit || old.used === this.#round) break;
      this.#forget(oldKey);
    }
    if (this.#bytes + bytes <= this.limit) {
      this.#kept.set(key, { block, bytes, used: this.#round });
      this.#bytes += bytes;
      // Who asks again is told again: files may be mended.
      block.catch(() => this.#forget(key));
    }
    return block;
  }

  #forget(key: string): void {
    const old = this.#kept.get(key);
    if (this.#kept.delete(key)) this.#bytes -= old!.bytes;
  }
}
