import { InvalidArgumentError } from 'commander';

/** Names by comma. */
export const listOf = (text: string): string[] => {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) throw new InvalidArgumentError('Names separated by commas are expected.');
  return names;
};

/** Whole numbers from 0, by comma. */
export const wholeNumbers = (text: string): number[] =>
  listOf(text).map((number) => {
    if (!/^\d{1,9}$/.test(number)) throw new InvalidArgumentError('Whole numbers from 0, by comma, are expected.');
    return Number(number);
  });
