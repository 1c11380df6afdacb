import { useLayoutEffect, useRef } from 'react';

export type Shortcuts = Readonly<Record<string, (() => void) | undefined>>;

/**
 * Runs the action of a single key (`KeyboardEvent.key`). Stays out of the way of text fields, of menus and dialogs, of
 * modifiers, and of keys that a focused control needs for itself. Listens from before the page is seen: a key that is pressed at once counts.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isBusy(event)) {
        return;
      }
      const action = current.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (action !== undefined) {
        event.preventDefault();
        action();
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** Runs the action on Ctrl or Cmd with K, from anywhere but a dialog. */
export function useCommandKey(action: () => void): void {
  const current = useRef(action);
  current.current = action;
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const asked = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (asked && document.querySelector('[role="dialog"]') === null) {
        // Even in a text field: there the browser would open a search of its own.
        event.preventDefault();
        current.current();
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function isBusy(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest('input, textarea, select, [contenteditable], [role="menu"], [role="dialog"]') != null) {
    return true;
  }
  if (document.querySelector('[role="dialog"]') !== null) {
    return true;
  }
  // Enter presses a focused button or link; arrows scroll a focused region.
  return event.key === 'Enter' && target?.closest('button, a, summary') != null;
}
