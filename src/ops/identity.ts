import { unary, unaryCases } from './elementwise.js';

export const Identity = unary(
  'Identity',
  (x) => x,
  (g) => g,
  unaryCases(),
);
