import { comparison } from './elementwise.js';

export const LessOrEqual = comparison('LessOrEqual', (a, b) => a <= b);
