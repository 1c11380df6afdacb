import { useCallback, useState } from 'react';
import { readText, writeText } from '../app/preference';
import { readSaved, savedMax, type SavedFilter } from './filters';

export interface SavedFilters {
  readonly saved: readonly SavedFilter[];
  /** Keeps one, in the place of another of the same name. */
  save(filter: SavedFilter): void;
  remove(name: string): void;
}

/** The filters that this agent keeps in this browser. */
export function useSavedFilters(agent: string | null): SavedFilters {
  const key = `orleanscrm.filters.${agent ?? ''}`;
  const [state, setState] = useState(() => ({ key, saved: readSaved(readText(key)) }));
  const saved = state.key === key ? state.saved : readSaved(readText(key));
  const put = useCallback(
    (next: readonly SavedFilter[]) => {
      writeText(key, JSON.stringify(next));
      setState({ key, saved: next });
    },
    [key],
  );
  return {
    saved,
    save: (filter) => put([...saved.filter((one) => one.name !== filter.name), filter].slice(-savedMax)),
    remove: (name) => put(saved.filter((one) => one.name !== name)),
  };
}
