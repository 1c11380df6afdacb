import { cursor, readPage, type Page } from './customers';
import type { Http } from './http';
import { asArray, asInstant, asNumber, asObject, asText, type Json } from './read';

/** A number under the rules in force and under the candidate. */
export interface Compared {
  readonly name: string;
  readonly current: number;
  readonly candidate: number;
}

export interface WhatIf {
  readonly from: string | null;
  readonly to: string | null;
  readonly share: number;
  readonly customers: number;
  readonly entries: number;
  /** Customers for whom something would have been different. */
  readonly changed: number;
  /** What the document may say and probably does not mean. */
  readonly warnings: readonly string[];
  readonly outcomes: readonly Compared[];
  readonly phases: readonly Compared[];
  readonly moves: readonly { readonly from: string; readonly to: string; readonly customers: number }[];
  readonly examples: readonly {
    readonly customer: string;
    readonly current: readonly WhatIfNote[];
    readonly candidate: readonly WhatIfNote[];
  }[];
}

export interface WhatIfNote {
  readonly time: string | null;
  readonly outcome: string;
}

export interface ProgramVersion {
  readonly version: number;
  readonly publishedAt: string | null;
  readonly current: boolean;
}

export async function getProgram(http: Http, signal?: AbortSignal): Promise<Json> {
  return asObject(await http.get('/v1/program', signal)) ?? {};
}

export async function getProgramSchema(http: Http, signal?: AbortSignal): Promise<Json> {
  return asObject(await http.get('/v1/program/schema', signal)) ?? {};
}

export async function getProgramVersions(http: Http, after: string | null, signal?: AbortSignal): Promise<Page<ProgramVersion>> {
  return readPage(await http.get(`/v1/program/versions?limit=20${cursor('after', after)}`, signal), (item) => {
    const raw = asObject(item);
    return { version: asNumber(raw?.['version']) ?? 0, publishedAt: asInstant(raw?.['publishedAt']), current: raw?.['current'] === true };
  });
}

/** Publishes the document unless another than `version` has come into force meanwhile. */
export async function putProgram(http: Http, document: Json, version: number): Promise<Json> {
  return asObject(await http.put('/v1/program', document, version)) ?? {};
}

export async function askWhatIf(http: Http, document: Json): Promise<WhatIf> {
  const raw = asObject(await http.post('/v1/program/whatif', { program: document })) ?? {};
  return {
    from: asInstant(raw['from']),
    to: asInstant(raw['to']),
    share: asNumber(raw['share']) ?? 1,
    customers: asNumber(raw['customers']) ?? 0,
    entries: asNumber(raw['entries']) ?? 0,
    changed: asNumber(raw['changed']) ?? 0,
    warnings: asArray(raw['warnings']).map(asText),
    outcomes: readCompared(raw['outcomes']),
    phases: readCompared(raw['phases']),
    moves: asArray(raw['moves']).map((item) => {
      const move = asObject(item);
      return { from: asText(move?.['current']), to: asText(move?.['candidate']), customers: asNumber(move?.['customers']) ?? 0 };
    }),
    examples: asArray(raw['examples']).map((item) => {
      const example = asObject(item);
      return { customer: asText(example?.['customer']), current: readNotes(example?.['current']), candidate: readNotes(example?.['candidate']) };
    }),
  };
}

function readCompared(value: unknown): readonly Compared[] {
  return Object.entries(asObject(value) ?? {}).map(([name, pair]) => ({
    name,
    current: asNumber(asObject(pair)?.['current']) ?? 0,
    candidate: asNumber(asObject(pair)?.['candidate']) ?? 0,
  }));
}

function readNotes(value: unknown): readonly WhatIfNote[] {
  return asArray(value).map((item) => ({ time: asInstant(asObject(item)?.['time']), outcome: asText(asObject(item)?.['outcome']) }));
}
