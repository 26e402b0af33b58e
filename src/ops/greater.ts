import { comparison } from './elementwise.js';

export const Greater = comparison('Greater', (a, b) => a > b);
