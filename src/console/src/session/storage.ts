import type { Session } from '../api/sessions';
import { asNumber, asObject, asText, asTextOrNull } from '../api/read';

const key = 'orleanscrm.session';

/** The session of this tab, or null when there is none or it has expired. */
export function loadSession(now: number): Session | null {
  const stored = window.sessionStorage.getItem(key);
  if (stored === null) {
    return null;
  }
  const raw = parse(stored);
  const accessToken = asText(raw?.['accessToken']);
  const expiresAt = asNumber(raw?.['expiresAt']) ?? 0;
  if (raw === null || accessToken === '' || expiresAt <= now) {
    window.sessionStorage.removeItem(key);
    return null;
  }
  return { accessToken, expiresAt, role: asText(raw['role']), agent: asTextOrNull(raw['agent']) };
}

export function saveSession(session: Session | null): void {
  if (session === null) {
    window.sessionStorage.removeItem(key);
  } else {
    window.sessionStorage.setItem(key, JSON.stringify(session));
  }
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
