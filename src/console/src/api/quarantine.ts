import { cursor, readPage, type Page } from './customers';
import type { Http } from './http';
import { asInstant, asNumber, asObject, asText, asTextOrNull } from './read';

/** Something that was sent in and could not be taken. */
export interface QuarantinedItem {
  readonly id: string;
  readonly code: string;
  readonly detail: string;
  /** `waiting`, `replayed`, or `failed` when sending it in again did not help. */
  readonly status: string;
  readonly receivedAt: string | null;
  readonly source: string;
  readonly messageId: string | null;
  readonly call: string | null;
  readonly times: number;
  readonly complete: boolean;
  readonly raw: string;
  /** What came of the last time that it was sent in again. */
  readonly outcome: string | null;
}

export interface Quarantine extends Page<QuarantinedItem> {
  readonly kept: number;
  /** Items that had to make room for newer ones. */
  readonly dropped: number;
}

export async function getQuarantine(http: Http, code: string, after: string | null, signal?: AbortSignal): Promise<Quarantine> {
  const only = code === '' ? '' : `&code=${encodeURIComponent(code)}`;
  const answer = await http.get(`/v1/quarantine?limit=50${only}${cursor('after', after)}`, signal);
  const raw = asObject(answer);
  return { ...readPage(answer, readItem), kept: asNumber(raw?.['kept']) ?? 0, dropped: asNumber(raw?.['dropped']) ?? 0 };
}

export async function replayItem(http: Http, id: string): Promise<QuarantinedItem> {
  return readItem(await http.post(`/v1/quarantine/${encodeURIComponent(id)}/replay`, {}));
}

/** Sends in again what waits with this code, one page at a time. */
export async function replayCode(http: Http, code: string): Promise<{ readonly replayed: number; readonly failed: number }> {
  let [replayed, failed] = [0, 0];
  let after: string | null = null;
  do {
    const raw = asObject(await http.post(`/v1/quarantine/replay?limit=100&code=${encodeURIComponent(code)}${cursor('after', after)}`, {}));
    replayed += asNumber(raw?.['replayed']) ?? 0;
    failed += asNumber(raw?.['failed']) ?? 0;
    after = asTextOrNull(raw?.['next']);
  } while (after !== null);
  return { replayed, failed };
}

function readItem(value: unknown): QuarantinedItem {
  const raw = asObject(value) ?? {};
  const outcome = asObject(raw['outcome']);
  return {
    id: asText(raw['id']),
    code: asText(raw['code']),
    detail: asText(raw['detail']),
    status: asText(raw['status']),
    receivedAt: asInstant(raw['receivedAt']),
    source: asText(raw['source']),
    messageId: asTextOrNull(raw['messageId']),
    call: asTextOrNull(raw['call']),
    times: asNumber(raw['times']) ?? 1,
    complete: raw['complete'] !== false,
    raw: asText(raw['raw']),
    outcome: outcome === null ? null : asTextOrNull(outcome['detail'] ?? outcome['code']),
  };
}
