import { logical } from './elementwise.js';

export const Or = logical('Or', (a, b) => a || b);
