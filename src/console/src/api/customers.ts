import { asArray, asInstant, asNumber, asObject, asText, asTextOrNull, type Json } from './read';
import type { Http } from './http';

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface Crossing {
  /** `at_risk` or `lost`; null from a server that does not say. */
  readonly name: string | null;
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
  /** What it brought about, in the server's words: "+60 points". */
  readonly outcomes: readonly string[];
}

/** One page of something that goes on. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Points expiring at an instant. */
export interface Expiring {
  readonly points: number;
  readonly at: string;
}

/** Consent for one purpose on one channel; channel `*` stands for all. */
export interface Consent {
  readonly purpose: string;
  readonly channel: string;
  readonly granted: boolean;
  readonly since: string | null;
}

/** What a policy of the program offers a customer without being asked. */
export interface StandingOffer {
  readonly title: string;
  /** The policy's id. */
  readonly trigger: string;
  /** The code that was made for it, null where none is needed. */
  readonly coupon: string | null;
  /** When it ends, if what it answers does not end before. */
  readonly validUntil: string;
}

export interface Customer {
  readonly id: string;
  readonly asOf: string | null;
  readonly events: number | null;
  readonly traits: Json;
  readonly phase: string | null;
  readonly phaseSince: string | null;
  readonly phaseReason: string | null;
  readonly identities: readonly string[];
  readonly segments: readonly string[];
  readonly owner: string | null;
  readonly balance: number | null;
  readonly available: number | null;
  readonly pending: number | null;
  readonly held: number | null;
  readonly expiring: readonly Expiring[];
  readonly nextTier: string | null;
  readonly tierNeeded: number | null;
  readonly tier: string | null;
  /** Probability of no purchase within the horizon, 0..1. */
  readonly risk: number | null;
  readonly horizonDays: number | null;
  readonly probabilityAlive: number | null;
  readonly crossesAt: readonly Crossing[];
  readonly reasons: readonly string[];
  readonly orders: number | null;
  /** Net revenue by currency. */
  readonly revenue: readonly Money[];
  readonly averageOrder: Money | null;
  readonly predictedOrders90d: number | null;
  readonly clv: Money | null;
  readonly csat: number | null;
  readonly nps: number | null;
  readonly ces: number | null;
  readonly rating: number | null;
  readonly consent: readonly Consent[];
  readonly firstCampaign: string | null;
  readonly lastCampaign: string | null;
  readonly openAlerts: readonly string[];
  readonly nextBestOffer: StandingOffer | null;
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

export async function getTimelinePage(http: Http, id: string, before: string | null, signal?: AbortSignal, limit = 50): Promise<Page<TimelineEntry>> {
  return readPage(await http.get(`/v1/customers/${customerSegment(id)}/timeline?limit=${limit}${cursor('before', before)}`, signal), readTimelineEntry);
}

export function cursor(name: string, value: string | null): string {
  return value === null ? '' : `&${name}=${encodeURIComponent(value)}`;
}

export function readPage<T>(value: unknown, readItem: (item: unknown) => T): Page<T> {
  const raw = asObject(value);
  return { items: asArray(raw?.['items']).map(readItem), next: asTextOrNull(raw?.['next']) };
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
  const progress = asObject(loyalty?.['tierProgress']);
  const feedback = asObject(raw['feedback']);
  const acquisition = asObject(raw['acquisition']);
  return {
    id: asText(raw['id']),
    asOf: asInstant(raw['asOf']),
    events: asNumber(raw['events']),
    traits: asObject(raw['traits']) ?? {},
    phase: asTextOrNull(raw['phase']),
    phaseSince: asInstant(raw['phaseSince']),
    phaseReason: asTextOrNull(raw['phaseReason']),
    identities: asArray(raw['identities']).map(asText).filter((identity) => identity !== ''),
    segments: asArray(raw['segments']).map(asText).filter((segment) => segment !== ''),
    owner: asTextOrNull(raw['owner']),
    balance: asNumber(loyalty?.['balance']),
    available: asNumber(loyalty?.['available']),
    pending: asNumber(loyalty?.['pending']),
    held: asNumber(loyalty?.['held']),
    expiring: asArray(loyalty?.['expiring']).map(readExpiring).filter((lot) => lot !== null),
    nextTier: asTextOrNull(progress?.['next']),
    tierNeeded: asNumber(progress?.['needed']),
    tier: asTextOrNull(loyalty?.['tier']),
    risk: asNumber(churn?.['risk']),
    horizonDays: asNumber(churn?.['horizonDays']),
    probabilityAlive: asNumber(churn?.['probabilityAlive']),
    crossesAt: asArray(churn?.['crossesAt']).map(readCrossing).filter((crossing) => crossing !== null),
    reasons: asArray(churn?.['reasons']).map(asText).filter((reason) => reason !== ''),
    orders: asNumber(worth?.['orders']),
    revenue: readRevenue(worth?.['revenue']),
    averageOrder: readMoney(worth?.['averageOrder']),
    predictedOrders90d: asNumber(worth?.['predictedOrders90d']),
    clv: readMoney(worth?.['clv']),
    csat: asNumber(feedback?.['csat']),
    nps: asNumber(feedback?.['nps']),
    ces: asNumber(feedback?.['ces']),
    rating: asNumber(feedback?.['rating']),
    consent: readConsent(raw['consent']),
    firstCampaign: readOrigin(acquisition?.['first']),
    lastCampaign: readOrigin(acquisition?.['last']),
    openAlerts: asArray(raw['openAlerts']).map(asText),
    nextBestOffer: readOffer(raw['nextBestOffer']),
    recent: asArray(raw['recent']).map(readTimelineEntry),
  };
}

export function readTimelineEntry(value: unknown): TimelineEntry {
  const raw = asObject(value) ?? {};
  return {
    id: asText(raw['id'] ?? raw['entry']),
    type: asText(raw['type']),
    event: asTextOrNull(raw['event'] ?? raw['name']),
    time: asInstant(raw['time'] ?? raw['at']),
    recordedAt: asInstant(raw['recordedAt']),
    summary: asTextOrNull(raw['summary']),
    payload: asObject(raw['payload']),
    outcomes: asArray(raw['outcomes']).map(asText).filter((outcome) => outcome !== ''),
  };
}

function readCrossing(value: unknown): Crossing | null {
  const raw = asObject(value);
  const threshold = asNumber(raw?.['threshold']);
  const at = asInstant(raw?.['at']);
  return threshold === null || at === null ? null : { name: asTextOrNull(raw?.['name']), threshold, at };
}

function readRevenue(value: unknown): readonly Money[] {
  return Object.entries(asObject(value) ?? {}).flatMap(([currency, amount]) => {
    const number = asNumber(amount);
    return number === null ? [] : [{ amount: number, currency }];
  });
}

function readExpiring(value: unknown): Expiring | null {
  const raw = asObject(value);
  const points = asNumber(raw?.['points']);
  const at = asInstant(raw?.['at']);
  return points === null || at === null ? null : { points, at };
}

function readOffer(value: unknown): StandingOffer | null {
  const raw = asObject(value);
  const title = asTextOrNull(raw?.['title']) ?? asTextOrNull(raw?.['offerId']);
  const validUntil = asInstant(raw?.['validUntil']);
  return title === null || validUntil === null ? null : { title, trigger: asText(raw?.['trigger']), coupon: asTextOrNull(raw?.['coupon']), validUntil };
}

function readConsent(value: unknown): readonly Consent[] {
  return Object.entries(asObject(value) ?? {}).flatMap(([purpose, channels]) =>
    Object.entries(asObject(channels) ?? {}).map(([channel, state]) => {
      const raw = asObject(state);
      return { purpose, channel, granted: (raw?.['granted'] ?? state) === true, since: asInstant(raw?.['since']) };
    }),
  );
}

/** The most telling field of a visit: campaign, source, or where the visitor came from. */
function readOrigin(value: unknown): string | null {
  const raw = asObject(value);
  const parts = ['campaign', 'source', 'medium', 'referrer', 'referredBy'].map((name) => asText(raw?.[name]));
  return asTextOrNull(raw === null ? value : parts.filter((part) => part !== '').join(' · '));
}

export function readMoney(value: unknown): Money | null {
  const raw = asObject(value);
  const amount = asNumber(raw?.['amount']);
  const currency = asTextOrNull(raw?.['currency']);
  return amount === null || currency === null ? null : { amount, currency };
}
