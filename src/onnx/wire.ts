import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { LegendaError } from '../errors.js';

/** What a file may make the decoder build, whatever its size: a decoded message takes about a kilobyte of memory. */
const maxMessages = 500_000;
const maxElements = 2_000_000;
const maxDepth = 32;

/** How a value stands in the file. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * Checks bytes against a message's fields before they are decoded: the decoder itself believes the lengths and types it
 * finds, recurses as deep as the file says, and builds as many objects as it says.
 *
 * @throws LegendaError when the bytes are no such message, or would decode to too much
 */
export function checkWire(schema: DescMessage, bytes: Uint8Array): void {
  new WireCheck(bytes).message(schema, bytes.length, 0);
}

class WireCheck {
  readonly #bytes: Uint8Array;
  #at = 0;
  #messages = 0;
  #elements = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  message(schema: DescMessage, end: number, depth: number): void {
    if (depth > maxDepth) throw new LegendaError(`messages are nested deeper than ${maxDepth}`);
    if (++this.#messages > maxMessages) throw new LegendaError(`there are more than ${maxMessages} messages`);
    const fields = fieldsOf(schema);
    while (this.#at < end) {
      const tag = this.#varint(end);
      const number = Math.floor(tag / 8);
      const wire = tag % 8;
      if (number === 0 || tag > 0xffffffff) this.#fail(`field ${number} of ${schema.name} does not exist`);
      const field = fields.get(number);
      if (field !== undefined && !fits(field, wire)) this.#fail(`${schema.name}.${field.name} is of another type`);
      if (field?.fieldKind === 'list') this.#count(1);
      if (wire === VARINT) this.#varint(end);
      else if (wire === FIXED64) this.#skip(8, end);
      else if (wire === FIXED32) this.#skip(4, end);
      else if (wire === LENGTH) this.#delimited(field, end, depth);
      else this.#fail(`a value of wire type ${wire} came`);
    }
  }

  #delimited(field: DescField | undefined, end: number, depth: number): void {
    const length = this.#varint(end);
    const stop = this.#at + length;
    if (stop > end) this.#fail(`${length} bytes are announced where ${end - this.#at} are left`);
    if (field?.message) this.message(field.message, stop, depth + 1);
    else if (field?.fieldKind === 'list') this.#packed(field.scalar, stop);
    this.#at = stop;
  }

  #packed(scalar: ScalarType | undefined, stop: number): void {
    const width = scalar === undefined ? undefined : fixedWidth(scalar);
    if (width !== undefined) {
      const length = stop - this.#at;
      if (length % width !== 0) this.#fail(`a list of ${length} bytes does not hold numbers of ${width}`);
      this.#count(length / width);
    } else if (scalar !== undefined && wireOf(scalar) === VARINT) {
      while (this.#at < stop) {
        this.#varint(stop);
        this.#count(1);
      }
    }
  }

  #count(elements: number): void {
    this.#elements += elements;
    if (this.#elements > maxElements) throw new LegendaError(`lists have more than ${maxElements} elements together`);
  }

  /** Exact up to 2^53, and too large beyond. */
  #varint(end: number): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= end) this.#fail('a number is cut off');
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return this.#fail('a number has more than ten bytes');
  }

  #skip(length: number, end: number): void {
    this.#at += length;
    if (this.#at > end) this.#fail('a number is cut off');
  }

  #fail(message: string): never {
    throw new LegendaError(`${message} (byte ${Math.min(this.#at, this.#bytes.length)} of ${this.#bytes.length})`);
  }
}

const knownFields = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(schema: DescMessage): ReadonlyMap<number, DescField> {
  const known = knownFields.get(schema);
  if (known !== undefined) return known;
  const fields = new Map(schema.fields.map((field) => [field.number, field]));
  knownFields.set(schema, fields);
  return fields;
}

/** Lists of numbers come one by one, or packed. */
function fits(field: DescField, wire: number): boolean {
  if (field.scalar === undefined) return wire === LENGTH;
  return wire === wireOf(field.scalar) || (field.fieldKind === 'list' && wire === LENGTH);
}

function wireOf(scalar: ScalarType): number {
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return LENGTH;
  const width = fixedWidth(scalar);
  if (width === undefined) return VARINT;
  return width === 4 ? FIXED32 : FIXED64;
}

function fixedWidth(scalar: ScalarType): 4 | 8 | undefined {
  if (scalar === ScalarType.FLOAT || scalar === ScalarType.FIXED32 || scalar === ScalarType.SFIXED32) return 4;
  if (scalar === ScalarType.DOUBLE || scalar === ScalarType.FIXED64 || scalar === ScalarType.SFIXED64) return 8;
  return undefined;
}
