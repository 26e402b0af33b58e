import { describe, expect, it } from 'vitest';
import { commandLine, count, date, difference, duration, list, measure, memory, rate, slug } from './format.js';

describe('numbers for people', () => {
  it.each([
    [count(769_930), '769,930'],
    [count(0), '0'],
    [measure(0.906), '0.9060'],
    [measure(123_456_789.4), '1.2346e+8'],
    [measure(Number.NaN), 'not finite'],
    [measure(Number.POSITIVE_INFINITY), 'not finite'],
    [difference(0.0012), '+0.0012'],
    [difference(-0.0012), '−0.0012'],
    [difference(-123_456_789.4), '−1.2346e+8'],
    [difference(-0.00001), '0.0000'],
    [rate(0.001), '0.001'],
    [duration(0.44), '0.4 s'],
    [duration(59.97), '1 min 00 s'],
    [duration(112), '1 min 52 s'],
    [duration(3599.6), '1 h 00 min'],
    [duration(7500), '2 h 05 min'],
    [memory(12 * 2 ** 30), '12.0 GiB'],
    [date('2024-01-02T03:04:05.678Z'), '2 January 2024, 03:04 UTC'],
    [date('yesterday'), 'yesterday'],
    [list([]), ''],
    [list(['a']), 'a'],
    [list(['a', 'b', 'c']), 'a, b and c'],
    [slug('../../etc/passwd'), '-etc-passwd'],
    [slug('conv1'), 'conv1'],
    [commandLine('legenda', 'report', 'runs/lr=0.1'), 'legenda report runs/lr=0.1'],
    [commandLine('legenda', "it's $(here)", ''), "legenda 'it'\\''s $(here)' ''"],
  ])('%s', (formatted, expected) => {
    expect(formatted).toBe(expected);
  });
});
