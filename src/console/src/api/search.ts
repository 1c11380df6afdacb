import { cursor, readMoney, readPage, type Money, type Page } from './customers';
import type { Http } from './http';
import { asInstant, asNumber, asObject, asText, asTextOrNull } from './read';

export const customerSorts = ['lastSeen', 'risk', 'revenue', 'orders', 'id'] as const;
export type CustomerSort = (typeof customerSorts)[number];

export interface CustomerFilter {
  readonly phase: string;
  readonly tier: string;
  /** 0..1; 0 for everybody. */
  readonly minRisk: number;
  readonly segment: string;
  readonly sort: CustomerSort;
}

export interface FoundCustomer {
  readonly id: string;
  readonly kind: string;
  readonly phase: string | null;
  readonly tier: string | null;
  readonly risk: number | null;
  readonly orders: number | null;
  readonly revenue: Money | null;
  readonly lastSeen: string | null;
}

export interface FoundCustomers extends Page<FoundCustomer> {
  readonly asOf: string | null;
}

export async function searchCustomers(
  http: Http,
  filter: CustomerFilter,
  after: string | null,
  limit: number,
  signal?: AbortSignal,
): Promise<FoundCustomers> {
  const query = new URLSearchParams({ sort: filter.sort, limit: String(limit) });
  for (const name of ['phase', 'tier', 'segment'] as const) {
    if (filter[name] !== '') {
      query.set(name, filter[name]);
    }
  }
  if (filter.minRisk > 0) {
    query.set('minRisk', String(filter.minRisk));
  }
  const answer = await http.get(`/v1/customers?${query}${cursor('after', after)}`, signal);
  return { ...readPage(answer, readFound), asOf: asInstant(asObject(answer)?.['asOf']) };
}

function readFound(value: unknown): FoundCustomer {
  const raw = asObject(value) ?? {};
  return {
    id: asText(raw['id']),
    kind: asTextOrNull(raw['kind']) ?? 'user',
    phase: asTextOrNull(raw['phase']),
    tier: asTextOrNull(raw['tier']),
    risk: asNumber(raw['risk']),
    orders: asNumber(raw['orders']),
    revenue: readMoney(raw['revenue']),
    lastSeen: asInstant(raw['lastSeen']),
  };
}
