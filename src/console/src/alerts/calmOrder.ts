import { useEffect, useMemo, useRef, useState } from 'react';
import type { Alert } from '../api/alerts';
import { compareAlerts, findAlert, type DeskState } from './store';

/** How long after the last movement over the list, in milliseconds, its rows may move again. */
const stillFor = 1_500;

/**
 * The alerts in the order to show. While a hand is about to click, rows stay where they are: those that left the list are kept
 * as they ended, and new ones wait. `held` is the order on screen.
 */
export function calmOrder(desk: DeskState, held: readonly string[] | null): readonly Alert[] {
  if (held === null) {
    return [...desk.open.values()].map((entry) => entry.alert).sort(compareAlerts);
  }
  return held.map((id) => findAlert(desk, id)).filter((alert) => alert !== null);
}

/** Applies `calmOrder` to a list that reports pointer movements by `touch`. */
export function useCalmOrder(desk: DeskState): { readonly alerts: readonly Alert[]; readonly touch: () => void } {
  const [held, setHeld] = useState<readonly string[] | null>(null);
  const timer = useRef<number | undefined>(undefined);
  const alerts = useMemo(() => calmOrder(desk, held), [desk, held]);
  const shown = useRef(alerts);
  shown.current = alerts;

  useEffect(() => () => window.clearTimeout(timer.current), []);

  const touch = (): void => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setHeld(null), stillFor);
    setHeld((before) => before ?? shown.current.map((alert) => alert.id));
  };
  return { alerts, touch };
}
