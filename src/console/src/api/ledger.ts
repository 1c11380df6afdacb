import { cursor, customerSegment, readPage, type Page } from './customers';
import type { Http } from './http';
import { asInstant, asNumber, asObject, asText, asTextOrNull } from './read';

/** One movement of points: what leaves `from` arrives in `to`. */
export interface LedgerLine {
  readonly entry: string;
  readonly time: string | null;
  readonly from: string;
  readonly to: string;
  readonly points: number;
  readonly reason: string | null;
  readonly key: string;
  /** The customer's balance after it. */
  readonly balance: number | null;
}

export interface Ledger extends Page<LedgerLine> {
  /** What stands on each account; together nothing. */
  readonly accounts: readonly { readonly name: string; readonly points: number }[];
}

export async function getLedger(http: Http, id: string, before: string | null, signal?: AbortSignal): Promise<Ledger> {
  const answer = await http.get(`/v1/customers/${customerSegment(id)}/ledger?limit=50${cursor('before', before)}`, signal);
  const accounts = Object.entries(asObject(asObject(answer)?.['accounts']) ?? {});
  return {
    ...readPage(answer, readLine),
    accounts: accounts.map(([name, points]) => ({ name, points: asNumber(points) ?? 0 })),
  };
}

function readLine(value: unknown): LedgerLine {
  const raw = asObject(value) ?? {};
  return {
    entry: asText(raw['entry']),
    time: asInstant(raw['time']),
    from: asText(raw['from']),
    to: asText(raw['to']),
    points: asNumber(raw['points']) ?? 0,
    reason: asTextOrNull(raw['reason']),
    key: asText(raw['key']),
    balance: asNumber(raw['balance']),
  };
}
