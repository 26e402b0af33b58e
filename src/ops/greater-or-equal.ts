import { comparison } from './elementwise.js';

export const GreaterOrEqual = comparison('GreaterOrEqual', (a, b) => a >= b);
