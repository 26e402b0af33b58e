import { comparison, numbers } from './elementwise.js';

export const Equal = comparison('Equal', (a, b) => a === b, [...numbers, 'bool']);
