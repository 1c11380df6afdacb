import { cursor, readPage, type Page } from './customers';
import type { Http } from './http';
import { asArray, asInstant, asObject, asText, asTextOrNull } from './read';

export const keyKinds = ['api', 'write-server', 'write-browser'] as const;
export type KeyKind = (typeof keyKinds)[number];

/** What an API key may be allowed; the first two are usual. */
export const keyScopes = ['read', 'decide', 'redeem', 'privacy', 'program', 'admin'] as const;

export interface AccessKey {
  readonly id: string;
  readonly kind: string;
  readonly scopes: readonly string[];
  readonly name: string;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface KeyRequest {
  readonly kind: KeyKind;
  readonly name: string;
  readonly scopes: readonly string[];
}

export async function getKeys(http: Http, after: string | null, signal?: AbortSignal): Promise<Page<AccessKey>> {
  return readPage(await http.get(`/v1/keys?limit=100${cursor('after', after)}`, signal), readKey);
}

/** The secret is in this answer alone. */
export async function addKey(http: Http, request: KeyRequest): Promise<{ readonly key: AccessKey; readonly secret: string | null }> {
  const { kind, name, scopes } = request;
  const answer = await http.post('/v1/keys', kind === 'api' ? { kind, name, scopes } : { kind, name });
  return { key: readKey(answer), secret: asTextOrNull(asObject(answer)?.['key']) };
}

export async function revokeKey(http: Http, id: string): Promise<void> {
  await http.delete(`/v1/keys/${encodeURIComponent(id)}`);
}

function readKey(value: unknown): AccessKey {
  const raw = asObject(value) ?? {};
  return {
    id: asText(raw['id']),
    kind: asText(raw['kind']),
    scopes: asArray(raw['scopes']).map(asText),
    name: asText(raw['name']),
    createdAt: asInstant(raw['createdAt']),
    expiresAt: asInstant(raw['expiresAt']),
    lastUsedAt: asInstant(raw['lastUsedAt']),
  };
}
