import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { FilterIcon } from '../app/icons';
import { formatNumber } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { isNone, type AlertFilter } from './filters';
import { deskSorts, deskViews, type DeskSort, type DeskViewName, type ViewCounts } from './views';
import classes from './DeskToolbar.module.css';

export interface DeskToolbarProps {
  readonly view: DeskViewName;
  readonly sort: DeskSort;
  readonly counts: ViewCounts;
  readonly filter: AlertFilter;
  readonly filtering: boolean;
  readonly onView: (view: DeskViewName) => void;
  readonly onSort: (sort: DeskSort) => void;
  readonly onFiltering: (shown: boolean) => void;
}

/** Which alerts are listed, and in which order. */
export function DeskToolbar({ view, sort, counts, filter, filtering, onView, onSort, onFiltering }: DeskToolbarProps): ReactNode {
  const texts = useTexts();
  const words = texts.alerts;
  return (
    <div className={classes.toolbar}>
      <div className={classes.views} role="group" aria-label={words.views}>
        {deskViews.map((name, index) => (
          <button
            key={name}
            type="button"
            className={classes.view}
            aria-pressed={name === view}
            aria-keyshortcuts={String(index + 1)}
            onClick={() => onView(name)}
          >
            {words.viewNames[name]}
            <span className={classes.count}>{formatNumber(texts, counts[name])}</span>
          </button>
        ))}
      </div>
      <div className={classes.tools}>
        <button
          type="button"
          className={classes.filter}
          aria-expanded={filtering}
          aria-keyshortcuts="f"
          data-active={!isNone(filter) || undefined}
          onClick={() => onFiltering(!filtering)}
        >
          <FilterIcon size={15} />
          {isNone(filter) ? texts.filters.open : texts.filters.active}
        </button>
        <NativeSelect
          className={classes.sort}
          size="xs"
          aria-label={words.sort}
          value={sort}
          data={deskSorts.map((name) => ({ value: name, label: words.sorts[name] }))}
          onChange={(event) => onSort(deskSorts.find((name) => name === event.currentTarget.value) ?? 'severity')}
        />
      </div>
    </div>
  );
}
