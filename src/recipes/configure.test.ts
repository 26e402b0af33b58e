import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors.js';
import { configure, parseSettings } from './configure.js';
import { suggestion } from './nearest.js';
import { recipeNamed } from './table.js';

const configured = (...pairs: readonly string[]) => configure(recipeNamed('fashion-cnn'), parseSettings(pairs));

describe('a configuration', () => {
  test('has the keys that are given, and the recipe’s for the others', () => {
    const { lr, clipNorm, select, batch } = configured('lr=0.5', 'clipNorm=null', 'select=best') as Record<
      string,
      unknown
    >;
    expect({ lr, clipNorm, select, batch }).toEqual({ lr: 0.5, clipNorm: null, select: 'best', batch: 8 });
  });

  test.each([
    [['lr=1e999'], 'lr: Invalid input: expected number, received Infinity, got Infinity'],
    [['batch=0'], 'batch: Too small: expected number to be >=1, got 0'],
    [['batch=7.5'], 'batch: Invalid input: expected int, received number, got 7.5'],
    [['schedule=linear'], 'schedule: Invalid option: expected one of "constant"|"step"|"cosine", got "linear"'],
    [
      ['lr=0', 'flip=2'],
      'lr: Too small: expected number to be >0, got 0; flip: Too big: expected number to be <=1, got 2',
    ],
    [['hidden=[6,5]'], '"hidden" is no key of fashion-cnn; it takes lr, batch, '],
    [['Momentun=0', 'warmup=1'], '"Momentun" (did you mean momentum?), "warmup" are no key of fashion-cnn; it takes '],
    [['__proto__=1'], '"__proto__" is no key of fashion-cnn'],
    [['=1'], '"=1": key=value is expected'],
    [['lr'], '"lr": key=value is expected'],
    [['lr=1', 'lr=2'], '"lr" is set twice'],
  ])('refuses %j', (pairs, message) => {
    expect(() => configured(...pairs)).toThrow(UsageError);
    expect(() => configured(...pairs)).toThrow(message);
  });
});

test('says how a list is written', () => {
  const pairs = ['channels=32,64'];
  expect(() => configure(recipeNamed('fashion-cnn-best'), parseSettings(pairs))).toThrow(
    'channels: Invalid input: expected tuple, received string, got "32,64" (a list is written as channels=[1,2])',
  );
});

test.each([
  ['batchsize', ''],
  ['btach', ' (did you mean batch?)'],
  ['LR', ' (did you mean lr?)'],
  ['x', ''],
  ['', ''],
])('of the words near "%s" the nearest is suggested, if any', (word, expected) => {
  expect(suggestion(word, ['lr', 'batch', 'epochs'])).toBe(expected);
});
