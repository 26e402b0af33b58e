import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** A source of random numbers that is advanced by use. */
export type Stream = RandomGenerator;

/**
 * The stream of a name under a seed. Streams are keyed, not advanced from one another: what is drawn for step 7 does not
 * depend on what was drawn before, so a run resumes exactly from its step number alone.
 *
 * @param seed any whole number
 * @param key names and counters, for example `('dropout', 'classifier.3', 7)`
 */
export function stream(seed: number, ...key: readonly (string | number)[]): Stream {
  const text = `${seed}/${key.join('/')}`;
  const state = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f].map((salt) => hash(text, salt));
  return xoroshiro128plusFromState(state);
}

/** MurmurHash3's mixing over UTF-16 units (A. Appleby, public domain), a 32-bit hash per salt. */
function hash(text: string, salt: number): number {
  let h = salt;
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h ^= k;
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Uniform in [0, 1). */
export const uniform = (random: Stream): number => uniformFloat64(random);

/** A whole number in [low, high], both included. */
export const integer = (random: Stream, low: number, high: number): number => uniformInt(random, low, high);

/** Fills with values uniform in [low, high). */
export function fillUniform(random: Stream, into: Float32Array, low: number, high: number): Float32Array {
  for (let i = 0; i < into.length; i++) into[i] = low + (high - low) * uniformFloat64(random);
  return into;
}

/** Fills with values normal of the given mean and standard deviation (Box and Muller, 1958). */
export function fillNormal(random: Stream, into: Float32Array, mean = 0, deviation = 1): Float32Array {
  for (let i = 0; i < into.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
    const angle = 2 * Math.PI * uniformFloat64(random);
    into[i] = mean + radius * Math.cos(angle);
    if (i + 1 < into.length) into[i + 1] = mean + radius * Math.sin(angle);
  }
  return into;
}

/**
 * Fills with `1 / keep` where an element is kept and 0 elsewhere: dropout's mask. Two elements a draw, so that `keep` is
 * met to 1/65536.
 */
export function fillMask(random: Stream, into: Float32Array, keep: number): Float32Array {
  const limit = Math.round(keep * 2 ** 16);
  const kept = 1 / keep;
  // the sign of a difference: a branch that is taken at random takes twice as long
  const drawn = (half: number): number => ((half - limit) >>> 31) * kept;
  for (let i = 0; i < into.length; i += 2) {
    const bits = random.next();
    into[i] = drawn(bits & 0xffff);
    if (i + 1 < into.length) into[i + 1] = drawn(bits >>> 16);
  }
  return into;
}

/** 0 … n-1 in random order (Fisher and Yates). */
export function permutation(random: Stream, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    const last = order[i]!;
    order[i] = order[j]!;
    order[j] = last;
  }
  return order;
}
