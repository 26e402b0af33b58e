import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatBytes, formatDuration, startProgress, stopProgress } from './progress.js';

describe('without a terminal', () => {
  let written: string;
  beforeEach(() => {
    written = '';
    vi.useFakeTimers();
    vi.stubGlobal('process', Object.create(process, { stderr: { value: { isTTY: false, write } } }));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  const write = (text: string) => {
    written += text;
  };

  test('a plain line every five seconds, with the time left', () => {
    using bar = startProgress({ label: 'training', total: 100 });
    for (let step = 1; step <= 13; step++) {
      vi.advanceTimersByTime(1000);
      bar.update(step, `loss ${step}`);
    }
    expect(written).toBe(
      'training: 5 %, 5/100, 1 min 35 s left, loss 5\ntraining: 10 %, 10/100, 1 min 30 s left, loss 10\n',
    );
  });

  test('nothing for short work, nor after it has stopped', () => {
    const bar = startProgress({ label: 'short', total: 2 });
    bar.update(1);
    stopProgress();
    vi.advanceTimersByTime(60_000);
    expect(written).toBe('');
    expect(vi.getTimerCount()).toBe(0);
  });
});

test.each([
  [400, '0 s'],
  [59_400, '59 s'],
  [185_000, '3 min 05 s'],
  [3_725_000, '1 h 02 min'],
])('%d ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.each([
  [999, '999 B'],
  [4200, '4.2 kB'],
  [26_421_880, '26.4 MB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
