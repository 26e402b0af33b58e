import { comparison } from './elementwise.js';

export const Less = comparison('Less', (a, b) => a < b);
