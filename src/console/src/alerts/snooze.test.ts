import { expect, it } from 'vitest';
import { snoozeUntil } from './snooze';

it.each([
  ['hour', new Date(2026, 2, 31, 18, 30)],
  ['hours', new Date(2026, 2, 31, 21, 30)],
  ['tomorrow', new Date(2026, 3, 1, 9)],
  ['week', new Date(2026, 3, 7, 9)],
] as const)('Put aside for %s it comes back at %s', (snooze, until) => {
  expect(snoozeUntil(snooze, new Date(2026, 2, 31, 17, 30))).toEqual(until);
});
