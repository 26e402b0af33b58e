import { resolve } from 'node:path';
import { footprint } from '../../data/geotiff/footprint.js';
import { type Georeference, georeferenceOf } from '../../data/geotiff/georeference.js';
import { type Mosaic, openMosaic } from '../../data/geotiff/open-mosaic.js';
import type { Window } from '../../data/geotiff/windows.js';
import { LegendaError } from '../../errors.js';
import { blame } from './blame.js';
import type { Footprint } from './place.js';

interface Opened {
  readonly mosaic: Promise<Mosaic>;
  georeference?: Georeference;
  used: boolean;
}

/** Mosaics that are open while windows of them are read. */
export class OpenMosaics implements AsyncDisposable {
  readonly #folder: string;
  readonly #opened = new Map<string, Opened>();

  /** @param folder what images' paths start from */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Does something with a mosaic.
   * @throws LegendaError, naming the image as the archive does; StorageError when what is wrong is not its fault
   */
  async with<T>(image: string, work: (mosaic: Mosaic) => T | Promise<T>): Promise<T> {
    const path = resolve(this.#folder, image);
    try {
      return await work(await this.#open(image, path).mosaic);
    } catch (error) {
      throw await blame(error, this.#folder, path, image);
    }
  }

  /** Where a window is on Earth; the whole image when left out. */
  place(image: string, window?: Window): Promise<Footprint> {
    return this.with(image, (mosaic) => {
      const opened = this.#opened.get(image)!;
      opened.georeference ??= georeferenceOf(mosaic);
      return footprint(opened.georeference, window ?? { x: 0, y: 0, width: mosaic.width, height: mosaic.height });
    });
  }

  #open(image: string, path: string): Opened {
    let opened = this.#opened.get(image);
    if (opened === undefined) {
      opened = { mosaic: openMosaic(path), used: true };
      // heard by who asked for it
      opened.mosaic.catch(() => {});
      this.#opened.set(image, opened);
    }
    opened.used = true;
    return opened;
  }

  /** Closes those that nobody asked for since the last call. */
  async settle(): Promise<void> {
    for (const [image, opened] of [...this.#opened]) {
      if (!opened.used) await this.#close(image, opened);
      opened.used = false;
    }
  }

  async #close(image: string, { mosaic }: Opened): Promise<void> {
    this.#opened.delete(image);
    const open = await mosaic.catch((error) => {
      if (!(error instanceof LegendaError)) throw error;
    });
    await open?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [image, opened] of [...this.#opened]) await this.#close(image, opened);
  }
}
