/** A point of a curve: when, in milliseconds since the epoch, and how much. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** Round numbers from 0 to at least `max`, at most `steps` + 1 of them. */
export function ticksTo(max: number, steps = 4): readonly number[] {
  if (!(max > 0)) {
    return [0, 1];
  }
  const rough = max / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * (1 - 1e-9)) ?? 10 * power;
  const count = Math.ceil(max / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Where a value lies between two others, laid out over `length` pixels from `start`. */
export function place(value: number, from: number, to: number, start: number, length: number): number {
  return to === from ? start : start + ((value - from) / (to - from)) * length;
}

export function nearest(points: readonly Point[], at: number): Point | null {
  let best: Point | null = null;
  for (const point of points) {
    if (best === null || Math.abs(point.at - at) < Math.abs(best.at - at)) {
      best = point;
    }
  }
  return best;
}
