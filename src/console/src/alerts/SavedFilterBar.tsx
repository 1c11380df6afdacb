import type { ReactNode } from 'react';
import { CloseIcon } from '../app/icons';
import { formatNumber } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { isSame, type AlertFilter, type SavedFilter } from './filters';
import type { DeskViewName } from './views';
import classes from './DeskToolbar.module.css';

interface SavedFilterBarProps {
  readonly saved: readonly SavedFilter[];
  readonly counts: readonly number[];
  readonly view: DeskViewName;
  readonly filter: AlertFilter;
  readonly onChoose: (filter: SavedFilter) => void;
  readonly onRemove: (name: string) => void;
}

/** The agent's own views, each with the number of alerts in it. */
export function SavedFilterBar({ saved, counts, view, filter, onChoose, onRemove }: SavedFilterBarProps): ReactNode {
  const texts = useTexts();
  return (
    <div className={classes.saved} role="group" aria-label={texts.filters.saved}>
      {saved.map((one, index) => (
        <span key={one.name} className={classes.savedOne}>
          <button type="button" className={classes.view} aria-pressed={one.view === view && isSame(one.filter, filter)} onClick={() => onChoose(one)}>
            <span className={classes.savedName}>{one.name}</span>
            <span className={classes.count}>{formatNumber(texts, counts[index] ?? 0)}</span>
          </button>
          <button type="button" className={classes.remove} aria-label={texts.filters.remove(one.name)} onClick={() => onRemove(one.name)}>
            <CloseIcon size={13} />
          </button>
        </span>
      ))}
    </div>
  );
}
