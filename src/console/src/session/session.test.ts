import { describe, expect, it } from 'vitest';
import { takeLinkToken } from './link';
import { loadSession, saveSession } from './storage';

describe('sign-in link', () => {
  it('is taken out of the address at once', () => {
    window.history.replaceState(null, '', '/?desk=a#signin=abc%2F1');
    expect(takeLinkToken()).toBe('abc/1');
    expect(window.location.href).not.toContain('abc');
    expect(window.location.search).toBe('?desk=a');
    expect(takeLinkToken()).toBeNull();
  });

  it('that is malformed is taken as it stands', () => {
    window.history.replaceState(null, '', '/#signin=%E0%A4%A');
    expect(takeLinkToken()).toBe('%E0%A4%A');
  });

  it('is not seen in other fragments', () => {
    window.history.replaceState(null, '', '/#alerts');
    expect(takeLinkToken()).toBeNull();
    expect(window.location.hash).toBe('#alerts');
  });
});

describe('stored session', () => {
  const session = { accessToken: 't', expiresAt: 1_000, role: 'agent', agent: 'ada@example.com' };

  it('survives a reload of the tab', () => {
    saveSession(session);
    expect(loadSession(500)).toEqual(session);
  });

  it('that has expired is gone', () => {
    saveSession(session);
    expect(loadSession(1_000)).toBeNull();
    expect(window.sessionStorage.length).toBe(0);
  });

  it('that is damaged is gone', () => {
    window.sessionStorage.setItem('orleanscrm.session', '{"accessToken":7');
    expect(loadSession(0)).toBeNull();
  });
});
