import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { createHttp, type Http } from '../api/http';
import { redeemLink, signIn, type Session } from '../api/sessions';
import { takeLinkToken } from './link';
import { loadSession, saveSession } from './storage';

/** Why the sign-in page is shown. */
export type SignedOutReason = 'ended' | null;

export interface SessionContext {
  readonly session: Session | null;
  readonly signedOut: SignedOutReason;
  readonly http: Http;
  /** The token of a sign-in link that has yet to be redeemed. */
  readonly link: string | null;
  signIn(email: string, password: string): Promise<void>;
  redeem(token: string): Promise<void>;
  signOut(): void;
  /** The server refused the token: back to the sign-in page. */
  end(): void;
  /** Remembers the name under which this agent's claims appear. */
  knowAgent(agent: string): void;
}

const Context = createContext<SessionContext | null>(null);

/** The longest delay a browser timer takes, in milliseconds; longer ones would fire at once. */
const timerMax = 2 ** 31 - 1;

export function SessionProvider(props: { readonly initialLink: string | null; readonly children: ReactNode }): ReactNode {
  // A link replaces whoever was signed in before.
  const [session, setSession] = useState<Session | null>(() => (props.initialLink === null ? loadSession(Date.now()) : null));
  const [signedOut, setSignedOut] = useState<SignedOutReason>(null);
  const [link, setLink] = useState(props.initialLink);
  const current = useRef(session);
  current.current = session;

  const change = useCallback((next: Session | null, reason: SignedOutReason) => {
    saveSession(next);
    setSession(next);
    setSignedOut(reason);
  }, []);

  const end = useCallback(() => {
    if (current.current !== null) {
      change(null, 'ended');
    }
  }, [change]);

  const http = useMemo(() => createHttp(() => current.current?.accessToken ?? null, end), [end]);

  useEffect(() => {
    if (session === null) {
      return undefined;
    }
    const timer = window.setTimeout(end, Math.min(session.expiresAt - Date.now(), timerMax));
    return () => window.clearTimeout(timer);
  }, [session, end]);

  useEffect(() => {
    // The link may also be pasted into a tab that already shows the console.
    const onHashChange = (): void => {
      const token = takeLinkToken();
      if (token !== null) {
        change(null, null);
        setLink(token);
      }
    };
    window.addEventListener('hashchange', onHashChange);
    return () => window.removeEventListener('hashchange', onHashChange);
  }, [change]);

  const value = useMemo<SessionContext>(
    () => ({
      session,
      signedOut,
      http,
      link,
      end,
      signIn: async (email, password) => change(await signIn(http, email, password, Date.now()), null),
      redeem: async (token) => {
        setLink(null);
        change(await redeemLink(http, token, Date.now()), null);
      },
      signOut: () => change(null, null),
      knowAgent: (agent) => {
        if (session !== null && session.agent !== agent) {
          change({ ...session, agent }, null);
        }
      },
    }),
    [session, signedOut, http, link, end, change],
  );

  return <Context value={value}>{props.children}</Context>;
}

export function useSession(): SessionContext {
  const context = useContext(Context);
  if (context === null) {
    throw new Error('useSession needs a SessionProvider');
  }
  return context;
}
