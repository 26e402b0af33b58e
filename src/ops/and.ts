import { logical } from './elementwise.js';

export const And = logical('And', (a, b) => Number(a !== 0 && b !== 0));
