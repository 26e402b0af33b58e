import { unary, unaryCases } from './elementwise.js';

export const Not = unary(
  'Not',
  (x) => Number(x === 0),
  'a truth value has no derivative',
  unaryCases({ dtype: 'bool' }),
  ['bool'],
);
