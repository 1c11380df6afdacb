import type { Http } from './http';
import { asArray, asInstant, asNumber, asObject, asText, asTextOrNull, asWire, type Json } from './read';
import type { Answers, Schemas } from './schema.gen';

/** Most severe first. */
export const severities = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Schemas['Alert']['severity'][];
export type Severity = Schemas['Alert']['severity'];

export type AlertStatus = Schemas['Alert']['status'];

export interface AlertReason {
  readonly code: string;
  readonly text: string;
  /** The number behind the reason, when there is one. */
  readonly value: number | string | null;
}

export interface AlertNote {
  readonly text: string;
  readonly by: string | null;
  readonly at: string | null;
  /** Who is spoken to: addresses, or the part before their @. */
  readonly mentions: readonly string[];
}

export interface Alert {
  readonly id: string;
  readonly desk: string;
  readonly customerId: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly status: AlertStatus;
  readonly raisedAt: string | null;
  readonly dueAt: string | null;
  readonly escalatedAt: string | null;
  readonly claimedBy: string | null;
  /** The agent who looks after the customer. */
  readonly owner: string | null;
  /** When a snoozed alert comes back. */
  readonly snoozedUntil: string | null;
  readonly title: string;
  readonly reasons: readonly AlertReason[];
  /** Ids of the journal entries that made the alert. */
  readonly evidence: readonly string[];
  /** A short profile; its fields depend on the program. */
  readonly customer: Json;
  readonly suggestedActions: readonly string[];
  readonly notes: readonly AlertNote[];
}

export interface AlertChange {
  readonly sequence: number;
  readonly alert: Alert;
}

/** Pushed by the hub: the changes after `from` up to and including `sequence`. */
export interface AlertsChanged {
  readonly desk: string;
  readonly from: number;
  readonly sequence: number;
  readonly changes: readonly AlertChange[];
}

/** The hub's answer to `Subscribe`: what was missed since a number, or a fresh list. */
export interface DeskFeed {
  readonly desk: string;
  readonly sequence: number;
  readonly total: number;
  readonly alerts: readonly Alert[];
  readonly changes: readonly AlertChange[];
}

/** Whether nobody has to act on it any more. */
export function isFinished(alert: Alert): boolean {
  return alert.status === 'resolved' || alert.status === 'withdrawn' || alert.status === 'moved';
}

/** A command that can be given to many alerts at once. */
export type BulkAction =
  | { readonly action: 'claim' | 'release' }
  | { readonly action: 'snooze'; readonly until: string }
  | { readonly action: 'assign'; readonly agent: string }
  | { readonly action: 'resolve'; readonly outcome: string; readonly note: string };

/** Alerts that one bulk command takes at most. */
export const bulkMax = 100;

/** Gives a command to many alerts, each of which is judged by itself. Answers with those that refused, and why. */
export async function commandAll(http: Http, ids: readonly string[], action: BulkAction): Promise<ReadonlyMap<string, string>> {
  const answer = asWire<Answers['commandAlerts']>(await http.post('/v1/alerts/bulk', { ...action, alerts: ids }));
  const refused = new Map<string, string>();
  for (const item of asArray(answer?.['items'])) {
    const raw = asObject(item);
    const code = asText(raw?.['code']);
    if (code !== '') {
      refused.set(asText(raw?.['id']), code);
    }
  }
  return refused;
}

/** Null without an id: such a record cannot be told apart from others. */
export function readAlert(value: unknown): Alert | null {
  const raw = asWire<Schemas['Alert']>(value);
  const id = asText(raw?.['id']);
  if (raw === null || id === '') {
    return null;
  }
  const kind = asText(raw['kind']);
  return {
    id,
    desk: asText(raw['desk']),
    customerId: asText(raw['customerId']),
    kind,
    severity: readSeverity(raw['severity']),
    status: readStatus(raw['status']),
    raisedAt: asInstant(raw['raisedAt']),
    dueAt: asInstant(raw['dueAt']),
    escalatedAt: asInstant(raw['escalatedAt']),
    claimedBy: asTextOrNull(raw['claimedBy']),
    owner: asTextOrNull(raw['owner']),
    snoozedUntil: asInstant(raw['snoozedUntil']),
    title: asTextOrNull(raw['title']) ?? kind,
    reasons: asArray(raw['reasons']).map(readReason),
    evidence: asArray(raw['evidence']).map(readEvidence).filter((entry) => entry !== ''),
    customer: asObject(raw['customer']) ?? {},
    suggestedActions: asArray(raw['suggestedActions']).map(asText).filter((action) => action !== ''),
    notes: asArray(raw['notes']).map(readNote).filter((note) => note.text !== ''),
  };
}

/** Null when the message carries no numbers: it cannot be placed. */
export function readAlertsChanged(value: unknown): AlertsChanged | null {
  const raw = asObject(value);
  const from = asNumber(raw?.['from']);
  const sequence = asNumber(raw?.['sequence']);
  if (raw === null || from === null || sequence === null) {
    return null;
  }
  return { desk: asText(raw['desk']), from, sequence, changes: readChanges(raw['changes']) };
}

export function readDeskFeed(value: unknown): DeskFeed | null {
  const raw = asObject(value);
  const sequence = asNumber(raw?.['sequence']);
  if (raw === null || sequence === null) {
    return null;
  }
  const alerts = asArray(raw['alerts']).map(readAlert).filter((alert) => alert !== null);
  return {
    desk: asText(raw['desk']),
    sequence,
    total: asNumber(raw['total']) ?? alerts.length,
    alerts,
    changes: readChanges(raw['changes']),
  };
}

function readChanges(value: unknown): readonly AlertChange[] {
  return asArray(value)
    .map((item): AlertChange | null => {
      const raw = asObject(item);
      const sequence = asNumber(raw?.['sequence']);
      const alert = readAlert(raw?.['alert']);
      return sequence === null || alert === null ? null : { sequence, alert };
    })
    .filter((change) => change !== null);
}

function readSeverity(value: unknown): Severity {
  return severities.find((severity) => severity === value) ?? 'medium';
}

function readStatus(value: unknown): AlertStatus {
  switch (value) {
    case 'claimed':
    case 'snoozed':
    case 'resolved':
    case 'withdrawn':
    case 'moved':
      return value;
    default:
      return 'open';
  }
}

function readReason(value: unknown): AlertReason {
  const raw = asWire<Schemas['Reason']>(value);
  const number = asNumber(raw?.['value']);
  return {
    code: asText(raw?.['code']),
    text: asTextOrNull(raw?.['text']) ?? (raw === null ? asText(value) : asText(raw['code'])),
    value: number ?? asTextOrNull(raw?.['value']),
  };
}

function readEvidence(value: unknown): string {
  const raw = asObject(value);
  return raw === null ? asText(value) : asText(raw['id']);
}

function readNote(value: unknown): AlertNote {
  const raw = asWire<Schemas['Alert']['notes'][number]>(value);
  if (raw === null) {
    return { text: asText(value), by: null, at: null, mentions: [] };
  }
  return {
    text: asText(raw['text']),
    by: asTextOrNull(raw['by']),
    at: asInstant(raw['at']),
    mentions: asArray(raw['mentions']).map(asText),
  };
}
