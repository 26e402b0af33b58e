import { integer, permutation, type Stream, uniform } from '../../tensor/random.js';

/** Uniform in [low, high). */
export const between = (random: Stream, low: number, high: number): number => low + (high - low) * uniform(random);

export const chance = (random: Stream, probability: number): boolean => uniform(random) < probability;

export const pick = <T>(random: Stream, choices: readonly T[]): T => choices[integer(random, 0, choices.length - 1)]!;

/** Different ones, in random order. */
export const pickSome = <T>(random: Stream, choices: readonly T[], count: number): T[] =>
  Array.from(permutation(random, choices.length).subarray(0, count), (i) => choices[i]!);
