import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { InboxIcon } from '../app/icons';
import { useNow } from '../app/useNow';
import { useTexts } from '../i18n/texts';
import { AlertRow, rowId } from './AlertRow';
import classes from './AlertList.module.css';

interface AlertListProps {
  /** In the order to show. */
  readonly alerts: readonly Alert[];
  readonly openCount: number;
  /** Unfinished alerts that the page does not hold. */
  readonly beyond: number;
  readonly loading: boolean;
  readonly selectedId: string | null;
  readonly agent: string | null;
  readonly onSelect: (id: string) => void;
  /** A pointer moved over the list. */
  readonly onTouch: () => void;
}

export function AlertList(props: AlertListProps): ReactNode {
  const { alerts, openCount, beyond, loading, selectedId, agent, onSelect, onTouch } = props;
  const texts = useTexts().alerts;
  const now = useNow(10_000);
  const list = useRef<HTMLUListElement>(null);
  const reachable = alerts.some((alert) => alert.id === selectedId) ? selectedId : (alerts[0]?.id ?? null);

  useEffect(() => {
    const row = selectedId === null ? null : document.getElementById(rowId(selectedId));
    row?.scrollIntoView({ block: 'nearest' });
    if (list.current?.contains(document.activeElement) === true) {
      // The focus goes along only if it was in the list already; an arriving alert never moves it.
      row?.focus({ preventScroll: true });
    }
  }, [selectedId]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === ' ' && reachable !== null) {
      event.preventDefault();
      onSelect(reachable);
    }
  };

  return (
    <section className={classes.pane} id="alerts" aria-label={texts.title}>
      <div className={classes.head}>
        <h2 className={classes.heading}>{texts.title}</h2>
        {!loading && (
          <span className={classes.count} aria-hidden="true">
            {texts.countShort(openCount, beyond)}
          </span>
        )}
        <span className={classes.spoken} aria-live="polite" aria-atomic="true">
          {loading ? '' : texts.count(openCount, beyond)}
        </span>
      </div>
      {loading ? (
        <div className={classes.loading} aria-hidden="true">
          {[0, 1, 2, 3, 4].map((row) => (
            <div key={row} className={classes.ghost} />
          ))}
        </div>
      ) : alerts.length === 0 ? (
        <div className={classes.empty}>
          <InboxIcon size={36} />
          <p className={classes.emptyTitle}>{texts.emptyTitle}</p>
          <p>{texts.emptyText}</p>
        </div>
      ) : (
        <ul
          ref={list}
          role="listbox"
          aria-label={texts.list}
          className={classes.list}
          onKeyDown={onKeyDown}
          onPointerMove={onTouch}
          onWheel={onTouch}
        >
          {alerts.map((alert) => (
            <AlertRow
              key={alert.id}
              alert={alert}
              selected={alert.id === selectedId}
              reachable={alert.id === reachable}
              agent={agent}
              now={now}
              onSelect={onSelect}
            />
          ))}
        </ul>
      )}
    </section>
  );
}
