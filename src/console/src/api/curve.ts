import { customerSegment, readMoney, readPage, type Money } from './customers';
import type { Http } from './http';
import { asInstant, asNumber, asObject } from './read';

/** Where a customer stood at an instant. */
export interface CurvePoint {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly risk: number | null;
  /** Net revenue by currency. */
  readonly revenue: ReadonlyMap<string, number>;
  readonly clv: Money | null;
}

/** Instants in one drawing. */
const points = 40;

/** The customer's past at evenly spaced instants; without `from` since the first event. */
export async function getCurve(http: Http, id: string, from: Date | null, signal: AbortSignal): Promise<readonly CurvePoint[]> {
  const since = from === null ? '' : `&from=${encodeURIComponent(from.toISOString())}`;
  const answer = await http.get(`/v1/customers/${customerSegment(id)}/curve?points=${points}${since}`, signal);
  return readPage(answer, readPoint).items.filter((point) => Number.isFinite(point.at));
}

function readPoint(value: unknown): CurvePoint {
  const raw = asObject(value) ?? {};
  const revenue = Object.entries(asObject(raw['revenue']) ?? {});
  return {
    at: Date.parse(asInstant(raw['at']) ?? ''),
    risk: asNumber(raw['risk']),
    revenue: new Map(revenue.map(([currency, amount]) => [currency, asNumber(amount) ?? 0])),
    clv: readMoney(raw['clv']),
  };
}
