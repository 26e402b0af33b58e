/** One of something for batches of 1, 2, 4 and so on images, and of the most. */
export class BySize<T> {
  readonly #compiled: readonly (readonly [size: number, compiled: T])[];

  private constructor(compiled: readonly (readonly [number, T])[]) {
    this.#compiled = compiled;
  }

  /** @param most from 1 */
  static async open<T>(most: number, open: (size: number) => Promise<T>): Promise<BySize<T>> {
    const sizes: number[] = [];
    for (let size = 1; size < most; size *= 2) sizes.push(size);
    const compiled: (readonly [number, T])[] = [];
    for (const size of [...sizes, most]) compiled.push([size, await open(size)]);
    return new BySize(compiled);
  }

  /** The smallest that so many images fit. */
  for(count: number): { readonly size: number; readonly compiled: T } {
    const [size, compiled] = this.#compiled.find(([size]) => size >= count)!;
    return { size, compiled };
  }
}
