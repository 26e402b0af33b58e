import fc from 'fast-check';
import { expect, it } from 'vitest';
import { end, pad, start, unknown, Vocabulary } from './vocabulary.js';

const captions = ['a river', 'a road', 'a river and a road', 'trees'].map((text) => text.split(' '));

it('numbers the special words, then the others by how often they come, and equals by the alphabet', () => {
  expect(Vocabulary.of(captions).words).toEqual([
    '<pad>',
    '<start>',
    '<end>',
    '<unk>',
    'a',
    'river',
    'road',
    'and',
    'trees',
  ]);
  expect(Vocabulary.of(captions, 2).words.slice(4)).toEqual(['a', 'river', 'road']);
});

it('takes no special word from captions', () => {
  expect(Vocabulary.of([['<end>', 'x', '<pad>']]).words.slice(4)).toEqual(['x']);
});

it('has unknown words, and stops at the end', () => {
  const vocabulary = Vocabulary.of(captions, 2);
  expect(vocabulary.encode(['a', 'bridge'])).toEqual([4, unknown]);
  expect(vocabulary.decode([start, 4, unknown, pad, 5, end, 6])).toEqual(['a', '<unk>', 'river']);
  expect(() => vocabulary.decode([99])).toThrow('there is no word 99 in a vocabulary of 7');
});

it('gives back what it was made of', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { maxLength: 6 }), { maxLength: 6 }), (texts) => {
      const vocabulary = Vocabulary.of(texts);
      for (const text of texts) expect(vocabulary.decode(vocabulary.encode(text))).toEqual(text);
      expect(new Vocabulary(vocabulary.words).words).toEqual(vocabulary.words);
    }),
  );
});

it('refuses words that are no vocabulary', () => {
  expect(() => new Vocabulary(['a'])).toThrow('begins with <pad> <start> <end> <unk>, this one with a');
  expect(() => new Vocabulary(['<pad>', '<start>', '<end>', '<unk>', 'a', 'a'])).toThrow('has "a" twice');
});
