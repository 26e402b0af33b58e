import { UsageError } from '../../errors.js';
import { integer, type Stream, uniform } from '../../tensor/random.js';

/** What a value is drawn from: evenly, evenly in its logarithm, or evenly of whole numbers, both ends included. */
export interface Range {
  readonly scale: 'uniform' | 'log' | 'int';
  readonly low: number;
  readonly high: number;
}

/** By key of the configuration. */
export type Ranges = Readonly<Record<string, Range>>;

const expected = 'key=LOW..HIGH is expected, or key=log:LOW..HIGH, or key=int:LOW..HIGH';

/**
 * `key=LOW..HIGH`, `key=log:LOW..HIGH` and `key=int:LOW..HIGH` as ranges.
 * @throws UsageError when a row has another form, ends that do not fit its scale, or a key that comes twice
 */
export function parseRanges(rows: readonly string[]): Ranges {
  const ranges = new Map<string, Range>();
  for (const row of rows) {
    const [, key, scale = 'uniform', from, to] = /^([^=]+)=(?:(log|int):)?(.+?)\.\.(.+)$/.exec(row) ?? [];
    const [low, high] = [Number(from), Number(to)];
    if (key === undefined || !Number.isFinite(low) || !Number.isFinite(high))
      throw new UsageError(`range "${row}": ${expected}`);
    if (ranges.has(key)) throw new UsageError(`range: "${key}" comes twice`);
    ranges.set(key, checked(row, { scale: scale as Range['scale'], low, high }));
  }
  return Object.fromEntries(ranges);
}

function checked(row: string, range: Range): Range {
  const { scale, low, high } = range;
  if (low >= high) throw new UsageError(`range "${row}": the first number is to be the smaller`);
  if (scale === 'log' && low <= 0)
    throw new UsageError(`range "${row}": numbers above 0 are expected, ${low} has no logarithm`);
  if (scale === 'int' && !(Number.isSafeInteger(low) && Number.isSafeInteger(high)))
    throw new UsageError(`range "${row}": whole numbers are expected`);
  return range;
}

/** A value of a range, with four significant digits, or as many as tell a ten-thousandth of the range apart. */
export function drawFrom({ scale, low, high }: Range, random: Stream): number {
  if (scale === 'int') return integer(random, low, high);
  const share = uniform(random);
  const value = scale === 'log' ? low * Math.exp(share * (Math.log(high) - Math.log(low))) : low + share * (high - low);
  return Math.min(high, Math.max(low, rounded(value, high - low)));
}

function rounded(value: number, width: number): number {
  const power = (of: number): number => Math.floor(Math.log10(Math.abs(of)));
  const digits = value === 0 ? 4 : Math.max(4, 4 + power(value) - power(width));
  return Number(value.toPrecision(Math.min(15, digits)));
}
