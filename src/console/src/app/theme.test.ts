import { expect, it } from 'vitest';
import { nextScheme } from './theme';

it.each(['light', 'dark'] as const)('The theme button goes through all choices and back on a %s system', (system) => {
  const other = system === 'light' ? 'dark' : 'light';
  expect(nextScheme('auto', system)).toBe(other);
  expect(nextScheme(other, system)).toBe(system);
  expect(nextScheme(system, system)).toBe('auto');
});
