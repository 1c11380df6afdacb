import { asArray, asInstant, asNumber, asObject, asText, asTextOrNull, type Json } from './read';
import type { Http } from './http';

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface Crossing {
  /** Risk at which something happens, 0..1. */
  readonly threshold: number;
  readonly at: string;
}

/** An entry of a customer's history, or an outcome of one. */
export interface TimelineEntry {
  readonly id: string;
  readonly type: string;
  readonly event: string | null;
  readonly time: string | null;
  readonly recordedAt: string | null;
  readonly summary: string | null;
  readonly payload: Json | null;
}

export interface Customer {
  readonly id: string;
  readonly asOf: string | null;
  readonly events: number | null;
  readonly traits: Json;
  readonly phase: string | null;
  readonly phaseSince: string | null;
  readonly owner: string | null;
  readonly balance: number | null;
  readonly available: number | null;
  readonly tier: string | null;
  /** Probability of no purchase within the horizon, 0..1. */
  readonly risk: number | null;
  readonly horizonDays: number | null;
  readonly probabilityAlive: number | null;
  readonly crossesAt: readonly Crossing[];
  readonly orders: number | null;
  /** Net revenue by currency. */
  readonly revenue: readonly Money[];
  readonly averageOrder: Money | null;
  readonly predictedOrders90d: number | null;
  readonly clv: Money | null;
  readonly openAlerts: readonly string[];
  readonly recent: readonly TimelineEntry[];
}

/**
 * The path segment of a customer. The server tries a bare id as user, then as anonymous; `user:` or `anonymous:` in front
 * decides, so a kind that is known is always said.
 */
export function customerSegment(id: string, kind?: string | null): string {
  const named = /^(user|anonymous):/.test(id);
  const known = kind === 'user' || kind === 'anonymous';
  return encodeURIComponent(!named && known ? `${kind}:${id}` : id);
}

export async function getCustomer(http: Http, id: string, kind: string | null, signal: AbortSignal): Promise<Customer> {
  return readCustomer(await http.get(`/v1/customers/${customerSegment(id, kind)}`, signal));
}

/** The newest entries, at most `limit` (1-500). */
export async function getTimeline(
  http: Http,
  id: string,
  kind: string | null,
  limit: number,
  signal: AbortSignal,
): Promise<readonly TimelineEntry[]> {
  const answer = asObject(await http.get(`/v1/customers/${customerSegment(id, kind)}/timeline?limit=${limit}`, signal));
  return asArray(answer?.['items']).map(readTimelineEntry);
}

export function readCustomer(value: unknown): Customer {
  const raw = asObject(value) ?? {};
  const loyalty = asObject(raw['loyalty']);
  const churn = asObject(raw['churn']);
  const worth = asObject(raw['value']);
  return {
    id: asText(raw['id']),
    asOf: asInstant(raw['asOf']),
    events: asNumber(raw['events']),
    traits: asObject(raw['traits']) ?? {},
    phase: asTextOrNull(raw['phase']),
    phaseSince: asInstant(raw['phaseSince']),
    owner: asTextOrNull(raw['owner']),
    balance: asNumber(loyalty?.['balance']),
    available: asNumber(loyalty?.['available']),
    tier: asTextOrNull(loyalty?.['tier']),
    risk: asNumber(churn?.['risk']),
    horizonDays: asNumber(churn?.['horizonDays']),
    probabilityAlive: asNumber(churn?.['probabilityAlive']),
    crossesAt: asArray(churn?.['crossesAt']).map(readCrossing).filter((crossing) => crossing !== null),
    orders: asNumber(worth?.['orders']),
    revenue: readRevenue(worth?.['revenue']),
    averageOrder: readMoney(worth?.['averageOrder']),
    predictedOrders90d: asNumber(worth?.['predictedOrders90d']),
    clv: readMoney(worth?.['clv']),
    openAlerts: asArray(raw['openAlerts']).map(asText),
    recent: asArray(raw['recent']).map(readTimelineEntry),
  };
}

export function readTimelineEntry(value: unknown): TimelineEntry {
  const raw = asObject(value) ?? {};
  return {
    id: asText(raw['id']),
    type: asText(raw['type']),
    event: asTextOrNull(raw['event'] ?? raw['name']),
    time: asInstant(raw['time'] ?? raw['at']),
    recordedAt: asInstant(raw['recordedAt']),
    summary: asTextOrNull(raw['summary']),
    payload: asObject(raw['payload']),
  };
}

function readCrossing(value: unknown): Crossing | null {
  const raw = asObject(value);
  const threshold = asNumber(raw?.['threshold']);
  const at = asInstant(raw?.['at']);
  return threshold === null || at === null ? null : { threshold, at };
}

function readRevenue(value: unknown): readonly Money[] {
  return Object.entries(asObject(value) ?? {}).flatMap(([currency, amount]) => {
    const number = asNumber(amount);
    return number === null ? [] : [{ amount: number, currency }];
  });
}

function readMoney(value: unknown): Money | null {
  const raw = asObject(value);
  const amount = asNumber(raw?.['amount']);
  const currency = asTextOrNull(raw?.['currency']);
  return amount === null || currency === null ? null : { amount, currency };
}
