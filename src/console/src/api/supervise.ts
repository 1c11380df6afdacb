import type { Http } from './http';
import { asArray, asInstant, asNumber, asObject, asText, asWire } from './read';
import type { Answers, Schemas } from './schema.gen';

/** What lies on a desk now. */
export interface DeskLoad {
  readonly asOf: string | null;
  readonly open: number;
  readonly unassigned: number;
  readonly snoozed: number;
  readonly dueWithinHour: number;
  readonly breached: number;
  readonly oldestAt: string | null;
  readonly resolvedToday: number;
  readonly agents: readonly AgentLoad[];
}

export interface AgentLoad {
  readonly agent: string;
  readonly presence: string;
  readonly capacity: number;
  readonly inTurn: boolean;
  readonly claimed: number;
  readonly notActedOn: number;
  readonly snoozed: number;
  readonly breached: number;
  readonly oldestAt: string | null;
  readonly resolvedToday: number;
}

/** How alerts that are over were dealt with. Durations are in milliseconds, null where there are none. */
export interface Tally {
  readonly resolved: number;
  readonly withdrawn: number;
  readonly met: number;
  readonly missed: number;
  readonly share: number | null;
  readonly toClaim: Durations;
  readonly toResolve: Durations;
  readonly outcomes: readonly (readonly [outcome: string, count: number])[];
}

export interface Durations {
  readonly p50: number | null;
  readonly p90: number | null;
}

export interface DeskReport {
  readonly asOf: string | null;
  readonly total: Tally;
  readonly kinds: readonly (readonly [kind: string, tally: Tally])[];
  readonly agents: readonly (readonly [agent: string, tally: Tally])[];
}

/** An estimate with its interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface TrialGroup {
  readonly customers: number;
  readonly running: number;
  readonly returned: number;
  readonly returnRate: Estimate | null;
  readonly revenuePerCustomer: number | null;
}

export interface Uplift {
  /** The share of customers of whom agents are not told; 0 while there is no such group. */
  readonly share: number;
  readonly horizonDays: number;
  readonly confidence: number;
  readonly treated: TrialGroup;
  readonly control: TrialGroup;
  readonly returnRate: Estimate | null;
  readonly revenue: Estimate | null;
  readonly currency: string;
}

export async function getDeskLoad(http: Http, desk: string, signal?: AbortSignal): Promise<DeskLoad> {
  const raw = asWire<Answers['getDeskLoad']>(await http.get(`/v1/desks/${encodeURIComponent(desk)}/load`, signal)) ?? {};
  return {
    asOf: asInstant(raw.asOf),
    open: count(raw.open),
    unassigned: count(raw.unassigned),
    snoozed: count(raw.snoozed),
    dueWithinHour: count(raw.dueWithinHour),
    breached: count(raw.breached),
    oldestAt: asInstant(raw.oldestAt),
    resolvedToday: count(raw.resolvedToday),
    agents: asArray(raw.agents).map((item) => {
      const agent = asWire<Schemas['AgentLoad']>(item) ?? {};
      return {
        agent: asText(agent.agent),
        presence: asText(agent.presence),
        capacity: count(agent.capacity),
        inTurn: agent.inTurn === true,
        claimed: count(agent.claimed),
        notActedOn: count(agent.notActedOn),
        snoozed: count(agent.snoozed),
        breached: count(agent.breached),
        oldestAt: asInstant(agent.oldestAt),
        resolvedToday: count(agent.resolvedToday),
      };
    }),
  };
}

/** Of alerts that were over since `from`, at all desks. */
export async function getDeskReport(http: Http, from: Date, signal?: AbortSignal): Promise<DeskReport> {
  const raw = asWire<Answers['getDeskReport']>(await http.get(`/v1/metrics/desk?from=${encodeURIComponent(from.toISOString())}`, signal)) ?? {};
  return {
    asOf: asInstant(raw.asOf),
    total: readTally(raw.total),
    kinds: asArray(raw.kinds).map((item) => {
      const kind = asWire<Answers['getDeskReport']['kinds'][number]>(item) ?? {};
      return [asText(kind.kind), readTally(kind.tally)];
    }),
    agents: asArray(raw.agents).map((item) => {
      const agent = asWire<Answers['getDeskReport']['agents'][number]>(item) ?? {};
      return [asText(agent.agent), readTally(agent.tally)];
    }),
  };
}

export async function getUplift(http: Http, signal?: AbortSignal): Promise<Uplift> {
  const raw = asWire<Answers['getUplift']>(await http.get('/v1/metrics/uplift', signal)) ?? {};
  const group = asWire<Answers['getUplift']['controlGroup']>(raw.controlGroup) ?? {};
  const uplift = asWire<Answers['getUplift']['uplift']>(raw.uplift) ?? {};
  return {
    share: count(group.share),
    horizonDays: count(raw.horizonDays),
    confidence: count(raw.confidence),
    treated: readGroup(raw.treated),
    control: readGroup(raw.control),
    returnRate: readEstimate(uplift.returnRate),
    revenue: readEstimate(uplift.revenue),
    currency: asText(uplift.currency),
  };
}

function readTally(value: unknown): Tally {
  const raw = asWire<Schemas['DeskTally']>(value) ?? {};
  const sla = asWire<Schemas['DeskTally']['sla']>(raw.sla) ?? {};
  return {
    resolved: count(raw.resolved),
    withdrawn: count(raw.withdrawn),
    met: count(sla.met),
    missed: count(sla.missed),
    share: asNumber(sla.share),
    toClaim: readDurations(raw.timeToClaim),
    toResolve: readDurations(raw.timeToResolve),
    outcomes: Object.entries(asObject(raw.outcomes) ?? {})
      .map(([outcome, times]) => [outcome, count(times)] as const)
      .sort(([, a], [, b]) => b - a),
  };
}

function readDurations(value: unknown): Durations {
  const raw = asWire<Schemas['DurationTally']>(value) ?? {};
  const milliseconds = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);
  return { p50: milliseconds(asNumber(raw.p50)), p90: milliseconds(asNumber(raw.p90)) };
}

function readGroup(value: unknown): TrialGroup {
  const raw = asWire<Schemas['TrialGroup']>(value) ?? {};
  return {
    customers: count(raw.customers),
    running: count(raw.running),
    returned: count(raw.returned),
    returnRate: readEstimate(raw.returnRate),
    revenuePerCustomer: asNumber(raw.revenuePerCustomer),
  };
}

function readEstimate(value: unknown): Estimate | null {
  const raw = asWire<Schemas['Interval']>(value);
  const [at, low, high] = [asNumber(raw?.value), asNumber(raw?.low), asNumber(raw?.high)];
  return at === null || low === null || high === null ? null : { value: at, low, high };
}

function count(value: unknown): number {
  return asNumber(value) ?? 0;
}
