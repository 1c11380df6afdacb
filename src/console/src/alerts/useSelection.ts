import { useCallback, useRef } from 'react';
import { isFinished, type Alert } from '../api/alerts';
import { navigate, usePath } from '../app/router';
import { findAlert, type DeskState } from './store';

export interface Selection {
  readonly id: string | null;
  /** The selected alert as last known; it stays in view until another is chosen, also when it has left the list. */
  readonly alert: Alert | null;
  /** Whether the alert is no longer unfinished, as far as can be told. */
  readonly finished: boolean;
  select(id: string | null): void;
  /** To the next (1) or previous (-1) of the list. */
  move(by: 1 | -1): void;
}

const prefix = '/alerts/';

/** Which alert is in hand: the one that the address names. Alerts that come and go never change it. */
export function useSelection(desk: DeskState, shown: readonly Alert[]): Selection {
  const id = idIn(usePath());
  const last = useRef<Alert | null>(null);
  const place = useRef(0);

  const found = id === null ? null : findAlert(desk, id);
  if (found !== null || last.current?.id !== id) {
    last.current = found;
  }
  const index = shown.findIndex((alert) => alert.id === id);
  if (index >= 0) {
    place.current = index;
  }
  const alert = last.current;

  // Going through a list is no journey: one goes back to where one came from, not to the alert before.
  const select = useCallback((next: string | null) => navigate(next === null ? '/' : prefix + encodeURIComponent(next), true), []);
  const move = (by: 1 | -1): void => {
    // When the selected one has left the list, the next has taken its place.
    const from = index >= 0 ? index + by : id === null ? 0 : by === 1 ? place.current : place.current - 1;
    const next = shown[Math.min(Math.max(from, 0), shown.length - 1)];
    if (next !== undefined) {
      select(next.id);
    }
  };
  // A list that holds everything and not this one says that it was finished while nobody listened.
  const missing = found === null && desk.beyond === 0;
  return { id, alert, finished: alert !== null && (isFinished(alert) || missing), select, move };
}

function idIn(path: string): string | null {
  if (!path.startsWith(prefix)) {
    return null;
  }
  try {
    return decodeURIComponent(path.slice(prefix.length)) || null;
  } catch {
    // Half of an escape names no alert.
    return null;
  }
}
