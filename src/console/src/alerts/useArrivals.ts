import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Alert } from '../api/alerts';
import type { Texts } from '../i18n/en';
import { useTexts } from '../i18n/texts';
import { navigate } from '../app/router';
import { chime } from './chime';
import { arrivals, type DeskState } from './store';
import { alertTitle } from './words';

const keys = { sound: 'orleanscrm.sound', notify: 'orleanscrm.notify' } as const;

const listeners = new Set<() => void>();
const on = new Set<keyof typeof keys>();
let isRead = false;

/** One tab of the browser makes itself heard, however many show the desk: whoever holds this lock. */
const lock = 'orleanscrm.arrivals';

export interface Preferences {
  readonly sound: boolean;
  readonly notify: boolean;
  setSound(on: boolean): void;
  /** Asks the browser first; stays off when it says no. */
  setNotify(on: boolean): void;
}

/** How the agent wants to hear of new alerts. Both are off until chosen: browsers allow neither without a click. */
export function usePreferences(): Preferences {
  const sound = useSyncExternalStore(subscribe, () => isOn('sound'));
  const notify = useSyncExternalStore(subscribe, () => isOn('notify'));
  return {
    sound,
    notify,
    setSound: (wanted) => {
      put('sound', wanted);
      if (wanted) {
        chime();
      }
    },
    setNotify: (wanted) => {
      if (!wanted || typeof Notification === 'undefined') {
        put('notify', false);
        return;
      }
      void Notification.requestPermission().then((answer) => put('notify', answer === 'granted'));
    },
  };
}

/** Tells the agent of alerts that are pushed while the page is open, in the way that was chosen. */
export function useArrivals(desk: DeskState): void {
  const texts = useTexts();
  const before = useRef<DeskState | null>(null);
  const speaks = useSpeaker();
  useEffect(() => {
    const fresh = before.current === null ? [] : arrivals(before.current, desk);
    before.current = desk;
    if (fresh.length === 0 || !speaks.current) {
      return;
    }
    if (isOn('sound')) {
      chime();
    }
    if (isOn('notify') && document.hidden && typeof Notification !== 'undefined' && Notification.permission === 'granted') {
      show(fresh, texts);
    }
  }, [desk, texts, speaks]);
}

function show(fresh: readonly Alert[], texts: Texts): void {
  const [first] = fresh;
  if (first === undefined) {
    return;
  }
  // One for all that came at once: a storm of alerts must not become a storm of notifications.
  const notification = new Notification(fresh.length === 1 ? alertTitle(texts, first) : texts.alerts.arrived(fresh.length), { tag: lock });
  notification.onclick = () => {
    window.focus();
    navigate(fresh.length === 1 ? `/alerts/${encodeURIComponent(first.id)}` : '/');
  };
}

function useSpeaker(): { readonly current: boolean } {
  const speaks = useRef(typeof navigator.locks === 'undefined');
  useEffect(() => {
    if (typeof navigator.locks === 'undefined') {
      return undefined;
    }
    const end = new AbortController();
    let release: () => void = () => undefined;
    // The next tab in line takes over when this one closes.
    navigator.locks
      .request(lock, { signal: end.signal }, () => {
        speaks.current = true;
        return new Promise<void>((resolve) => (release = resolve));
      })
      .catch(() => undefined);
    return () => {
      speaks.current = false;
      release();
      end.abort();
    };
  }, []);
  return speaks;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function isOn(name: keyof typeof keys): boolean {
  if (!isRead) {
    isRead = true;
    for (const known of ['sound', 'notify'] as const) {
      if (stored(keys[known])) {
        on.add(known);
      }
    }
  }
  return on.has(name);
}

function stored(key: string): boolean {
  try {
    return window.localStorage.getItem(key) === 'on';
  } catch {
    // Storage may be forbidden; then nothing was chosen.
    return false;
  }
}

function put(name: keyof typeof keys, wanted: boolean): void {
  if (wanted) {
    on.add(name);
  } else {
    on.delete(name);
  }
  try {
    window.localStorage.setItem(keys[name], wanted ? 'on' : 'off');
  } catch {
    // As above: the choice holds until the page is left.
  }
  for (const listener of listeners) {
    listener();
  }
}
