import type { Attributes } from './graph.js';

/** Attributes as text, which is equal where they are. JSON has no infinities, NaN or -0: numbers are written out. */
export function attributesKey(attributes: Attributes): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted, (_, value) => (typeof value === 'number' ? spelled(value) : value));
}

const spelled = (number: number): string => (Object.is(number, -0) ? '-0' : String(number));
