import { createHash } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { LegendaError } from '../errors.js';
import { describeFileError } from '../files.js';
import { float32ToFloat16, readFloat16 } from '../tensor/half.js';
import { formatShape, type Shape, sizeOf } from '../tensor/shape.js';

/** A record: sha256 of the image (32 bytes), CRC-32 of what follows (4 bytes), the features in half precision. */
const digestBytes = 32;
const headBytes = digestBytes + 4;

/** The file of one encoder's store in a folder. */
export function storePath(folder: string, key: string, shape: Shape): string {
  const digest = createHash('sha256')
    .update(`${key}\n${formatShape(shape)}`)
    .digest('hex');
  return join(folder, `${digest.slice(0, 32)}.features`);
}

/**
 * Features of images on disk, appended as they are computed and found by the digest of the image. Records have a checksum,
 * so what a kill cut short or a disk damaged is not there when the store is opened again, and is computed anew.
 *
 * Of several processes one at a time may open a store and add to it (see `exclusively`); reading is free.
 */
export class FeatureStore implements Disposable {
  readonly shape: Shape;
  /** Records that were damaged and are not used. */
  readonly damaged: number;
  readonly #path: string;
  readonly #file: number;
  readonly #places: Map<string, number>;
  readonly #record: Buffer;
  readonly #halves: Uint16Array;
  #end: number;

  private constructor(path: string, file: number, shape: Shape) {
    this.#path = path;
    this.#file = file;
    this.shape = shape;
    this.#record = Buffer.alloc(headBytes + 2 * sizeOf(shape));
    this.#halves = new Uint16Array(this.#record.buffer, this.#record.byteOffset + headBytes, sizeOf(shape));
    const { places, damaged, end } = this.#scan();
    this.#places = places;
    this.damaged = damaged;
    this.#end = end;
  }

  /**
   * Opens the store of one encoder in a folder, or begins it.
   * @param key all that features depend on besides the image: encoder, tensor, preprocessing, versions
   * @param shape of an image's features
   * @throws LegendaError when the file cannot be read or written
   */
  static open(folder: string, key: string, shape: Shape): FeatureStore {
    const path = storePath(folder, key, shape);
    let file: number | undefined;
    try {
      mkdirSync(folder, { recursive: true });
      file = openSync(path, 'a+');
      return new FeatureStore(path, file, shape);
    } catch (error) {
      if (file !== undefined) closeSync(file);
      throw describeFileError(error, `cannot open ${path}`);
    }
  }

  /** @param image sha256 of it, in hexadecimal */
  has(image: string): boolean {
    return this.#places.has(image);
  }

  /**
   * Writes an image's features into `into`.
   * @throws LegendaError when the store has none, or they cannot be read
   */
  read(image: string, into: Float32Array): void {
    const place = this.#places.get(image);
    if (place === undefined) throw new LegendaError(`${this.#path} has no features of the image ${image}`);
    this.#readAt(place);
    if (!this.#isWhole() || this.#record.toString('hex', 0, digestBytes) !== image)
      throw new LegendaError(`${this.#path} is damaged at byte ${place}: it has changed since it was opened`);
    readFloat16(this.#halves, into);
  }

  /**
   * Appends an image's features, in half precision; what is there already stays.
   * @throws LegendaError when they cannot be written; the store is as it was then
   */
  add(image: string, features: Float32Array): void {
    if (this.#places.has(image)) return;
    float32ToFloat16(features, this.#halves);
    this.#record.write(image, 0, digestBytes, 'hex');
    this.#record.writeUInt32LE(this.#checksum(), digestBytes);
    try {
      for (let done = 0; done < this.#record.length; ) done += writeSync(this.#file, this.#record, done);
    } catch (error) {
      ftruncateSync(this.#file, this.#end);
      throw describeFileError(error, `cannot append to ${this.#path}`);
    }
    this.#places.set(image, this.#end);
    this.#end += this.#record.length;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #scan(): { places: Map<string, number>; damaged: number; end: number } {
    const { size } = fstatSync(this.#file);
    const places = new Map<string, number>();
    const whole = Math.floor(size / this.#record.length);
    // what a kill cut short must not stand between whole records
    const end = whole * this.#record.length;
    if (size > end) ftruncateSync(this.#file, end);
    let damaged = size > end ? 1 : 0;
    for (let i = 0; i < whole; i++) {
      const place = i * this.#record.length;
      this.#readAt(place);
      if (this.#isWhole()) places.set(this.#record.toString('hex', 0, digestBytes), place);
      else damaged++;
    }
    return { places, damaged, end };
  }

  #readAt(place: number): void {
    try {
      const read = readSync(this.#file, this.#record, 0, this.#record.length, place);
      if (read !== this.#record.length)
        throw new LegendaError(`${this.#path} ends at byte ${place + read}: it has been cut short`);
    } catch (error) {
      throw describeFileError(error, `cannot read ${this.#path}`);
    }
  }

  /** Over digest and features. */
  #checksum(): number {
    return crc32(this.#record.subarray(headBytes), crc32(this.#record.subarray(0, digestBytes)));
  }

  #isWhole(): boolean {
    return this.#record.readUInt32LE(digestBytes) === this.#checksum();
  }
}
