import { readMoney, type Money } from './customers';
import type { Http } from './http';
import { asArray, asInstant, asNumber, asObject, asText, asWire } from './read';
import type { Answers } from './schema.gen';

/** How the shop stands. Shares are 0..1, scores -100..100, null where there is nothing to divide by. */
export interface Summary {
  readonly asOf: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly customers: number | null;
  readonly active: number | null;
  readonly new: number | null;
  readonly buyers: number | null;
  readonly newBuyers: number | null;
  readonly retention: number | null;
  readonly churn: number | null;
  readonly repeatPurchase: number | null;
  readonly referralRate: number | null;
  readonly cltv: Money | null;
  readonly csat: number | null;
  readonly nps: number | null;
  readonly ces: number | null;
  readonly pointsLiability: number | null;
  readonly orders: number | null;
  readonly revenue: readonly Money[];
  readonly phases: ReadonlyMap<string, number>;
  readonly atRisk: number | null;
  readonly lost: number | null;
  readonly openAlerts: number | null;
}

export interface Cohort {
  /** The month, `2026-01`. */
  readonly month: string;
  readonly customers: number;
  /** The share that was there again in that month and in each one after it, 0..1. */
  readonly retention: readonly (number | null)[];
}

export type CohortBy = 'purchases' | 'events';

export async function getSummary(http: Http, from: Date | null, signal?: AbortSignal): Promise<Summary> {
  const raw = asWire<Answers['getSummary']>(await http.get(`/v1/metrics/summary${since('?', from)}`, signal)) ?? {};
  const number = (name: keyof Answers['getSummary']): number | null => asNumber(raw[name]);
  return {
    asOf: asInstant(raw['asOf']),
    from: asInstant(raw['from']),
    to: asInstant(raw['to']),
    customers: number('customers'),
    active: number('active'),
    new: number('new'),
    buyers: number('buyers'),
    newBuyers: number('newBuyers'),
    retention: number('retention'),
    churn: number('churn'),
    repeatPurchase: number('repeatPurchase'),
    referralRate: number('referralRate'),
    cltv: readMoney(raw['cltv']),
    csat: number('csat'),
    nps: number('nps'),
    ces: number('ces'),
    pointsLiability: number('pointsLiability'),
    orders: number('orders'),
    revenue: Object.entries(asObject(raw['revenue']) ?? {}).map(([currency, amount]) => ({ currency, amount: asNumber(amount) ?? 0 })),
    phases: new Map(Object.entries(asObject(raw['phases']) ?? {}).map(([phase, count]) => [phase, asNumber(count) ?? 0])),
    atRisk: number('atRisk'),
    lost: number('lost'),
    openAlerts: number('openAlerts'),
  };
}

export async function getCohorts(http: Http, by: CohortBy, from: Date | null, signal?: AbortSignal): Promise<readonly Cohort[]> {
  const answer = asObject(await http.get(`/v1/metrics/cohorts?by=${by}${since('&', from)}`, signal));
  return asArray(answer?.['items']).map((item) => {
    const raw = asObject(item) ?? {};
    return {
      month: asText(raw['cohort']),
      customers: asNumber(raw['customers']) ?? 0,
      retention: asArray(raw['retention']).map(asNumber),
    };
  });
}

function since(lead: string, from: Date | null): string {
  return from === null ? '' : `${lead}from=${encodeURIComponent(from.toISOString())}`;
}
