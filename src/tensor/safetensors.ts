import { LegendaError } from '../errors.js';
import { allocate, bytesPerElement, type DType, type TypedArray } from './dtype.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './half.js';
import { formatShape } from './shape.js';
import { type Tensor, tensor } from './tensor.js';

/** Headers of real models are far smaller; the reference implementation's own bound is 100 MB. */
const headerLimit = 16 * 1024 * 1024;

/** The reference implementation's order of data: widest elements first, so that each tensor is aligned to its own. */
const written: readonly (readonly [DType, string])[] = [
  ['int64', 'I64'],
  ['float64', 'F64'],
  ['float32', 'F32'],
  ['int32', 'I32'],
  ['uint8', 'U8'],
  ['bool', 'BOOL'],
];

const plain = new Map(written.map(([dtype, name]) => [name, dtype]));
const half = new Map([
  ['F16', float16ToFloat32],
  ['BF16', bfloat16ToFloat32],
]);

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Record<string, string>;
}

/**
 * Tensors as the bytes of a safetensors file (https://github.com/huggingface/safetensors#format): the same bytes that the
 * reference implementation writes, whatever the map's order.
 *
 * @param tensors by name
 * @param metadata texts kept in the header's `__metadata__`
 * @throws LegendaError when a name is reserved or the header would be too long to be read again
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const rank = (dtype: DType) => written.findIndex(([own]) => own === dtype);
  const entries = [...tensors].sort(
    ([nameA, a], [nameB, b]) => rank(a.dtype) - rank(b.dtype) || (nameA < nameB ? -1 : 1),
  );
  const fields: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) fields.push(['__metadata__', metadata]);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (isReserved(name)) throw new LegendaError(`safetensors: a tensor cannot have the reserved name "${name}"`);
    const end = offset + data.byteLength;
    fields.push([name, { dtype: written[rank(dtype)]![1], shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  // Joined by hand: an object would move keys that look like array indices to the front.
  const json = `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const header = new TextEncoder().encode(json);
  const length = Math.ceil(header.length / 8) * 8;
  if (length > headerLimit) {
    throw new LegendaError(`safetensors: the header would have ${length} bytes, more than the ${headerLimit} allowed`);
  }
  const bytes = new Uint8Array(8 + length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(header, 8);
  let at = 8 + length;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * The tensors and metadata of a safetensors file, copied out of `bytes`. F16 and BF16 become float32.
 *
 * @throws LegendaError, naming the tensor, for anything the format does not allow: a header that is too long, not JSON or
 * says a thing twice; an element type that is not known here; sizes and offsets that do not cover the data exactly once
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  // a Buffer's own slice() would not copy
  const { header, data } = split(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const metadata = readMetadata(header['__metadata__']);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value, data.length));
  refuseGaps(entries, data.length);
  return { tensors: new Map(entries.map((entry) => [entry.name, readTensor(entry, data)])), metadata };
}

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const isReserved = (name: string) => name === '__metadata__' || name === '__proto__';

function split(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw new LegendaError(`safetensors: ${bytes.length} bytes are too few for a header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > bytes.length - 8 || length > headerLimit) {
    const limit = Math.min(bytes.length - 8, headerLimit);
    throw new LegendaError(`safetensors: the header is said to have ${length} bytes, at most ${limit} are possible`);
  }
  const end = 8 + Number(length);
  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, end));
    header = JSON.parse(text);
    refuseRepeatedKeys(text);
  } catch (error) {
    if (error instanceof LegendaError) throw error;
    throw new LegendaError('safetensors: the header is not JSON in UTF-8', { cause: error });
  }
  if (!isRecord(header)) throw new LegendaError('safetensors: the header is not a JSON object');
  return { header, data: bytes.subarray(end) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `JSON.parse` keeps the last of two equal keys without a word; `text` is known to be JSON. */
function refuseRepeatedKeys(text: string): void {
  const open: Set<string>[] = [];
  let literal = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text[i];
    if (unit === '"') {
      const start = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
      literal = text.slice(start, i + 1);
    } else if (unit === '{') open.push(new Set());
    else if (unit === '}') open.pop();
    else if (unit === ':') {
      const key: string = JSON.parse(literal);
      if (open.at(-1)!.has(key)) throw new LegendaError(`safetensors: the header has "${key}" twice`);
      open.at(-1)!.add(key);
    }
  }
}

function readMetadata(value: unknown): Record<string, string> {
  const metadata: Record<string, string> = {};
  if (value === undefined) return metadata;
  if (!isRecord(value)) throw new LegendaError('safetensors: "__metadata__" is not an object of texts');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw new LegendaError(`safetensors: "__metadata__" has no text at "${key}"`);
    if (key === '__proto__') throw new LegendaError('safetensors: "__metadata__" has the reserved key "__proto__"');
    metadata[key] = text;
  }
  return metadata;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const areCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount);

function readEntry(name: string, value: unknown, available: number): Entry {
  const fail = (what: string) => new LegendaError(`safetensors: tensor ${JSON.stringify(name)} ${what}`);
  if (isReserved(name)) throw fail('has a reserved name');
  if (!isRecord(value)) throw fail('is not an object with dtype, shape and data_offsets');
  const { dtype, shape, data_offsets: offsets } = value;
  const width = typeof dtype === 'string' ? widthOf(dtype) : undefined;
  if (typeof dtype !== 'string' || width === undefined) {
    const known = [...plain.keys(), ...half.keys()].join(', ');
    throw fail(`has the element type ${JSON.stringify(dtype)}, expected one of ${known}`);
  }
  if (!areCounts(shape)) throw fail('has a shape that is not a list of whole numbers from 0');
  if (!areCounts(offsets) || offsets.length !== 2) throw fail('has data_offsets that are not two whole numbers from 0');
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > available) {
    throw fail(`has data_offsets [${begin},${end}] outside the file's ${available} bytes of data`);
  }
  const size = shape.reduce((product, axis) => product * axis, width);
  if (size !== end - begin) {
    throw fail(`is ${dtype}${formatShape(shape)}, which is ${size} bytes, but its data_offsets hold ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

function widthOf(dtype: string): number | undefined {
  const own = plain.get(dtype);
  if (own) return bytesPerElement[own];
  return half.has(dtype) ? 2 : undefined;
}

function refuseGaps(entries: readonly Entry[], available: number): void {
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      const problem = begin < covered ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw new LegendaError(
        `safetensors: tensor ${JSON.stringify(name)} ${problem}: it starts at byte ${begin}, expected ${covered}`,
      );
    }
    covered = end;
  }
  if (covered !== available) {
    throw new LegendaError(`safetensors: the tensors end at byte ${covered} of ${available} bytes of data`);
  }
}

function readTensor({ name, dtype, shape, begin, end }: Entry, data: Uint8Array): Tensor {
  const bytes = data.slice(begin, end);
  const widen = half.get(dtype);
  if (widen) return tensor('float32', shape, widen(new Uint16Array(bytes.buffer)));
  const own = plain.get(dtype)!;
  if (own === 'bool' && bytes.some((byte) => byte > 1)) {
    throw new LegendaError(`safetensors: tensor ${JSON.stringify(name)} is BOOL but has bytes other than 0 and 1`);
  }
  const values: TypedArray = allocate(own, bytes.length / bytesPerElement[own]);
  new Uint8Array(values.buffer).set(bytes);
  return tensor(own, shape, values);
}
