import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { chooseWriting } from './write-captions.js';

const configured = { beam: 3, consensus: true, maxLength: 9 };
const greedy = { ...configured, beam: 1, consensus: false };

describe('chooseWriting', () => {
  it('takes what is asked for and else what is configured, a beam alone without consensus', () => {
    expect(chooseWriting({}, configured)).toEqual(configured);
    expect(chooseWriting({ beam: 2 }, configured)).toEqual({ beam: 2, consensus: false, maxLength: 9 });
    expect(chooseWriting({ beam: 2, consensus: true }, greedy)).toEqual({ beam: 2, consensus: true, maxLength: 9 });
    expect(chooseWriting({}, { ...configured, beam: 1 })).toEqual({ ...configured, beam: 1 });
  });

  it('refuses consensus of one caption where it is asked for', () => {
    const refusal = new UsageError(
      'consensus: a beam of 2 captions or more is expected, to choose among them; it has 1',
    );
    expect(() => chooseWriting({ consensus: true }, greedy)).toThrow(refusal);
    expect(() => chooseWriting({ beam: 1, consensus: true }, configured)).toThrow(refusal);
  });
});
