import { expect, it } from 'vitest';
import { retryDelay } from './backoff';

it('Waits grow and stay within their bound for ever', () => {
  expect([0, 1, 2, 3].map((attempt) => retryDelay(attempt, 1))).toEqual([500, 1000, 2000, 4000]);
  expect(retryDelay(1_000_000, 1)).toBe(10_000);
});

it('Chance spreads the clients over half of the wait', () => {
  expect(retryDelay(10, 0)).toBe(5_000);
});
