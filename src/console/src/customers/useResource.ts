import { useCallback, useEffect, useState } from 'react';

export interface Resource<T> {
  readonly data: T | null;
  readonly error: unknown;
  readonly loading: boolean;
  reload(): void;
}

/** Wait before asking, in milliseconds, so that running through a list with the keyboard asks only for where it ends. */
const settle = 120;

/**
 * Loads what `key` names. Data of another key is never shown; data of the same key stays on screen when one of
 * `versions` (a list of fixed length) asks for it again.
 */
export function useResource<T>(
  key: string,
  versions: readonly unknown[],
  load: (signal: AbortSignal) => Promise<T>,
): Resource<T> {
  const [state, setState] = useState<{ key: string; data: T | null; error: unknown; loading: boolean }>({
    key,
    data: null,
    error: null,
    loading: true,
  });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    setState((before) =>
      before.key === key ? { ...before, loading: true } : { key, data: null, error: null, loading: true },
    );
    const timer = window.setTimeout(() => {
      load(abort.signal).then(
        (data) => !abort.signal.aborted && setState({ key, data, error: null, loading: false }),
        (error: unknown) =>
          !abort.signal.aborted &&
          setState((before) => ({ key, data: before.key === key ? before.data : null, error, loading: false })),
      );
    }, settle);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
    // `load` is a new function with every render; the key says what it loads.
  }, [key, attempt, ...versions]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const current = state.key === key ? state : { data: null, error: null, loading: true };
  return { data: current.data, error: current.error, loading: current.loading, reload };
}
