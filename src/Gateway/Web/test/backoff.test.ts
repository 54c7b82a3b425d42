import { expect, test } from 'vitest';
import { backoffMilliseconds, wait } from '../src/platform/backoff';

test('the wait doubles up to its limit', () => {
  expect([0, 1, 2, 5, 50].map((attempt) => backoffMilliseconds(attempt, () => 1))).toEqual([500, 1000, 2000, 8000, 8000]);
});

test('half of the wait is chance', () => {
  expect(backoffMilliseconds(2, () => 0)).toBe(1000);
  expect(backoffMilliseconds(2, () => 0.5)).toBe(1500);
});

test('a wait ends at once when it is called off', async () => {
  const off = new AbortController();
  const waiting = wait(3_600_000, off.signal);
  off.abort();
  await waiting;
});
