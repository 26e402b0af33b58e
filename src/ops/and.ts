import { logical } from './elementwise.js';

export const And = logical('And', (a, b) => a && b);
