import { useCallback, useEffect, useRef, useState } from 'react';
import type { Page } from '../api/customers';

export interface Pages<T, P extends Page<T>> {
  readonly items: readonly T[];
  /** The page that came first: what it says beside its items holds for all. Null before it has come. */
  readonly head: P | null;
  readonly hasMore: boolean;
  readonly loading: boolean;
  readonly error: unknown;
  more(): void;
  reload(): void;
  /** Puts another item in the place of those that `isSame`. */
  replace(isSame: (item: T) => boolean, item: T): void;
}

/**
 * Loads what `key` names page by page. What was loaded stays on screen while more of it, or all of it again, is on its way;
 * items of another key are never shown.
 */
export function usePages<T, P extends Page<T>>(key: string, load: (cursor: string | null, signal: AbortSignal) => Promise<P>): Pages<T, P> {
  const empty = { key, items: [] as readonly T[], head: null as P | null, next: null as string | null, loading: true, error: null as unknown };
  const [state, setState] = useState(empty);
  const [attempt, setAttempt] = useState(0);
  const abort = useRef<AbortController | null>(null);
  const loader = useRef(load);
  loader.current = load;

  const fetchPage = useCallback(
    (cursor: string | null): void => {
      abort.current?.abort();
      const mine = new AbortController();
      abort.current = mine;
      setState((before) => (before.key === key ? { ...before, loading: true, error: null } : { ...empty, key }));
      loader.current(cursor, mine.signal).then(
        (page) =>
          !mine.signal.aborted &&
          setState((before) => ({
            key,
            items: cursor === null ? page.items : [...before.items, ...page.items],
            head: cursor === null ? page : before.head,
            next: page.next,
            loading: false,
            error: null,
          })),
        (error: unknown) => !mine.signal.aborted && setState((before) => ({ ...before, key, loading: false, error })),
      );
    },
    // What an empty state looks like does not change; the key says what is loaded.
    [key],
  );

  useEffect(() => {
    fetchPage(null);
    return () => abort.current?.abort();
  }, [fetchPage, attempt]);

  const current = state.key === key ? state : empty;
  return {
    items: current.items,
    head: current.head,
    hasMore: current.next !== null,
    loading: current.loading,
    error: current.error,
    more: () => current.next !== null && !current.loading && fetchPage(current.next),
    reload: useCallback(() => setAttempt((count) => count + 1), []),
    replace: (isSame, item) => setState((before) => ({ ...before, items: before.items.map((old) => (isSame(old) ? item : old)) })),
  };
}
