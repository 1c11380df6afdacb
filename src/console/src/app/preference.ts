import { useCallback, useState } from 'react';

/** A choice of the reader that this browser remembers. Anything else that is found there counts as the first choice. */
export function usePreference<T extends string>(name: string, choices: readonly [T, ...T[]]): readonly [T, (choice: T) => void] {
  const key = `orleanscrm.${name}`;
  const [choice, setChoice] = useState<T>(() => choices.find((known) => known === readText(key)) ?? choices[0]);
  const choose = useCallback(
    (next: T) => {
      setChoice(next);
      writeText(key, next);
    },
    [key],
  );
  return [choice, choose];
}

/** What this browser remembers under a key. */
export function readText(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    // Storage may be forbidden; then nothing is remembered.
    return null;
  }
}

export function writeText(key: string, value: string): void {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    // As above: the choice holds until the page is left.
    return;
  }
}
