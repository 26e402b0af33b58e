/**
 * IEEE 754 half precision to single precision, exactly (subnormals, infinities and NaN too).
 *
 * @param bits the 16-bit patterns
 */
export function float16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/**
 * bfloat16 (the upper half of a float32) to single precision, exactly.
 *
 * @param bits the 16-bit patterns
 */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(bits, (upper) => upper * 0x10000).buffer);
}

const single = new Float32Array(1);
const bitsOfSingle = new Uint32Array(single.buffer);

/**
 * Single precision to the nearest half precision (of two equally near the even one). Beyond 65504 it becomes infinite.
 *
 * @param values of any number
 * @param into the 16-bit patterns, as many
 */
export function float32ToFloat16(values: Float32Array, into: Uint16Array): void {
  for (let i = 0; i < values.length; i++) {
    single[0] = values[i]!;
    const bits = bitsOfSingle[0]!;
    const sign = (bits >>> 16) & 0x8000;
    const magnitude = bits & 0x7fffffff;
    if (magnitude >= 0x7f800000) into[i] = sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
    else if (magnitude >= 0x477ff000) into[i] = sign | 0x7c00;
    else if (magnitude >= 0x38800000) into[i] = sign | roundedShift(magnitude - 0x38000000, 13);
    else if (magnitude < 0x33000000) into[i] = sign;
    // subnormal: in steps of 2^-24
    else into[i] = sign | roundedShift((magnitude & 0x7fffff) | 0x800000, 126 - (magnitude >>> 23));
  }
}

/** value / 2^by, rounded to the nearest whole number, of two to the even one. */
function roundedShift(value: number, by: number): number {
  const rest = value & ((1 << by) - 1);
  const half = 1 << (by - 1);
  const floor = value >>> by;
  return rest > half || (rest === half && floor & 1) ? floor + 1 : floor;
}

/** Every half precision number by its bits: what `float16ToFloat32` gives, to be looked up. */
let everyHalf: Float32Array | undefined;

/** Half precision to single, quickly for many. @param into as many */
export function readFloat16(bits: Uint16Array, into: Float32Array): void {
  everyHalf ??= float16ToFloat32(Uint16Array.from({ length: 2 ** 16 }, (_, half) => half));
  for (let i = 0; i < bits.length; i++) into[i] = everyHalf[bits[i]!]!;
}
