import { describe, expect, it } from 'vitest';
import { nearest, place, ticksTo } from './scale';

describe('ticks', () => {
  it.each([
    [1, [0, 0.25, 0.5, 0.75, 1]],
    [87, [0, 25, 50, 75, 100]],
    [2044, [0, 1000, 2000, 3000]],
    [0, [0, 1]],
    [Number.NaN, [0, 1]],
  ])('up to %d are %j', (max, ticks) => {
    expect(ticksTo(max)).toEqual(ticks);
  });
});

it('A value lies where its share of the range does', () => {
  expect(place(5, 0, 10, 100, 50)).toBe(125);
  expect(place(5, 5, 5, 100, 50)).toBe(100);
});

it('The nearest point is the one that is read out', () => {
  const points = [{ at: 0, value: 1 }, { at: 10, value: 2 }];
  expect(nearest(points, 6)?.value).toBe(2);
  expect(nearest([], 6)).toBeNull();
});
