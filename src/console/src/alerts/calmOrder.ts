import { useEffect, useMemo, useRef, useState } from 'react';
import type { Alert } from '../api/alerts';
import { findAlert, type DeskState } from './store';

/** How long after the last movement over the list, in milliseconds, its rows may move again. */
const stillFor = 1_500;

/** What keeps the list from moving. */
export interface Hold {
  /** The order on screen. */
  readonly order: readonly string[];
  /** A hand is about to click: even rows that left the list stay where they are. */
  readonly hand: boolean;
}

/**
 * The alerts in the order to show, of those that are `listed`. While held, rows stay in their order and new ones wait; what
 * has left the list goes, unless a hand is about to click.
 */
export function calmOrder(desk: DeskState, listed: readonly Alert[], hold: Hold | null): readonly Alert[] {
  if (hold === null) {
    return listed;
  }
  if (hold.hand) {
    return hold.order.map((id) => findAlert(desk, id)).filter((alert) => alert !== null);
  }
  const known = new Map(listed.map((alert) => [alert.id, alert]));
  return hold.order.map((id) => known.get(id)).filter((alert) => alert !== undefined);
}

export interface CalmList {
  readonly alerts: readonly Alert[];
  /** How many belong to the list and wait until it may move. */
  readonly waiting: number;
  /** A pointer moved over the list. */
  touch(): void;
  /** The reader is further down the list (true), or back at its top. */
  scrolled(down: boolean): void;
  /** The reader asks for the list as it is. */
  release(): void;
}

/** Applies `calmOrder` to the list of a view; `key` names the view and its sort, a change of which shows everything at once. */
export function useCalmOrder(desk: DeskState, listed: readonly Alert[], key: string): CalmList {
  const [held, setHeld] = useState<{ readonly key: string; readonly hold: Hold } | null>(null);
  const hold = held !== null && held.key === key ? held.hold : null;
  const timer = useRef<number | undefined>(undefined);
  const down = useRef(false);
  const alerts = useMemo(() => calmOrder(desk, listed, hold), [desk, listed, hold]);
  const shown = useRef(alerts);
  shown.current = alerts;

  useEffect(() => () => window.clearTimeout(timer.current), []);

  const keep = (hand: boolean): void =>
    setHeld((before) => {
      const order = before?.key === key ? before.hold.order : shown.current.map((alert) => alert.id);
      return before?.key === key && before.hold.hand === hand ? before : { key, hold: { order, hand } };
    });
  const letGo = (): void => (down.current ? keep(false) : setHeld(null));

  const waiting = useMemo(() => {
    const order = new Set(hold?.order);
    return hold === null ? 0 : listed.reduce((count, alert) => count + (order.has(alert.id) ? 0 : 1), 0);
  }, [listed, hold]);

  return {
    alerts,
    waiting,
    touch: () => {
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(letGo, stillFor);
      keep(true);
    },
    scrolled: (isDown) => {
      if (down.current !== isDown) {
        down.current = isDown;
        // At the top again the list may move once the hand rests, which `touch` looks after.
        if (isDown) {
          keep(hold?.hand ?? false);
        } else if (hold?.hand !== true) {
          setHeld(null);
        }
      }
    },
    release: () => {
      window.clearTimeout(timer.current);
      down.current = false;
      setHeld(null);
    },
  };
}
