import { asNumber, asObject, asText, asTextOrNull } from './read';
import { ApiError, type Http } from './http';

export interface Session {
  readonly accessToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly role: string;
  /** The agent's name as alerts carry it in `claimedBy`; null until known. */
  readonly agent: string | null;
}

export async function signIn(http: Http, email: string, password: string, now: number): Promise<Session> {
  const session = readSession(await http.post('/v1/sessions', { email, password }), now);
  return { ...session, agent: session.agent ?? email };
}

/** Redeems the single-use token of a sign-in link. */
export async function redeemLink(http: Http, token: string, now: number): Promise<Session> {
  return readSession(await http.post('/v1/sessions/link', { token }), now);
}

function readSession(value: unknown, now: number): Session {
  const raw = asObject(value);
  const accessToken = asText(raw?.['accessToken']);
  if (accessToken === '') {
    throw new ApiError(200, 'failed', '');
  }
  const seconds = asNumber(raw?.['expiresIn']) ?? 3600;
  return {
    accessToken,
    expiresAt: now + seconds * 1000,
    role: asTextOrNull(raw?.['role']) ?? 'agent',
    agent: asTextOrNull(raw?.['email'] ?? raw?.['agent']),
  };
}
