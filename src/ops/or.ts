import { logical } from './elementwise.js';

export const Or = logical('Or', (a, b) => Number(a !== 0 || b !== 0));
