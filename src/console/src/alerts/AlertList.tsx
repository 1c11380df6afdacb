import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { InboxIcon } from '../app/icons';
import { useNow } from '../app/useNow';
import { useTexts } from '../i18n/texts';
import { AlertRow, rowHeight, rowId } from './AlertRow';
import { DeskToolbar, type DeskToolbarProps } from './DeskToolbar';
import { useWindow } from './useWindow';
import classes from './AlertList.module.css';

interface AlertListProps extends DeskToolbarProps {
  /** What stands between the toolbar and the list. */
  readonly above: ReactNode;
  /** What stands under the list. */
  readonly below: ReactNode;
  /** Alerts that are marked for a command to all of them. */
  readonly marked: ReadonlySet<string>;
  readonly onMark: (id: string) => void;
  /** In the order to show. */
  readonly alerts: readonly Alert[];
  readonly openCount: number;
  /** Unfinished alerts that the page does not hold. */
  readonly beyond: number;
  /** Alerts of this view that wait until the list may move. */
  readonly waiting: number;
  readonly loading: boolean;
  readonly selectedId: string | null;
  readonly agent: string | null;
  readonly onSelect: (id: string) => void;
  /** A pointer moved over the list. */
  readonly onTouch: () => void;
  readonly onScrolled: (down: boolean) => void;
  readonly onRelease: () => void;
}

/** The alerts of a view. Only the rows in view and some around them are in the page, however many there are. */
export function AlertList(props: AlertListProps): ReactNode {
  const { alerts, openCount, beyond, waiting, loading, selectedId, agent, onSelect, onTouch } = props;
  const texts = useTexts().alerts;
  const now = useNow(10_000);
  const list = useRef<HTMLUListElement>(null);
  const frame = useWindow(list, alerts.length, rowHeight, props.onScrolled);
  const selectedIndex = selectedId === null ? -1 : alerts.findIndex((alert) => alert.id === selectedId);
  const reachable = selectedIndex >= frame.first && selectedIndex < frame.end ? selectedIndex : frame.first;
  const wantsFocus = useRef(false);
  useAnchor(list, alerts);

  useLayoutEffect(() => {
    const pane = list.current;
    if (pane === null || selectedIndex < 0) {
      return;
    }
    // The focus goes along only if it was in the list already; an arriving alert never moves it.
    wantsFocus.current = pane.contains(document.activeElement) || wantsFocus.current;
    const [top, bottom] = [selectedIndex * rowHeight, (selectedIndex + 1) * rowHeight];
    if (top < pane.scrollTop) {
      pane.scrollTop = top;
    } else if (bottom > pane.scrollTop + pane.clientHeight && pane.clientHeight > 0) {
      pane.scrollTop = bottom - pane.clientHeight;
    }
    // Only another choice scrolls; the same alert in another place stays where the reader has it.
  }, [selectedId]);

  useEffect(() => {
    const row = wantsFocus.current && selectedId !== null ? document.getElementById(rowId(selectedId)) : null;
    if (row !== null) {
      wantsFocus.current = false;
      row.focus({ preventScroll: true });
    }
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    const alert = alerts[reachable];
    if (event.key === ' ' && alert !== undefined) {
      event.preventDefault();
      onSelect(alert.id);
    }
  };
  const release = (): void => {
    props.onRelease();
    list.current?.scrollTo({ top: 0 });
  };

  return (
    <section className={classes.pane} id="alerts" aria-label={texts.title} tabIndex={-1}>
      <DeskToolbar {...props} />
      {props.above}
      <span className={classes.spoken} aria-live="polite" aria-atomic="true">
        {loading ? '' : texts.count(openCount, beyond)}
      </span>
      {waiting > 0 && (
        <div className={classes.pillPlace}>
          <button type="button" className={classes.pill} onClick={release}>
            {texts.waiting(waiting)}
          </button>
        </div>
      )}
      {loading ? (
        <div className={classes.loading} aria-hidden="true">
          {[0, 1, 2, 3, 4].map((row) => (
            <div key={row} className={classes.ghost} />
          ))}
        </div>
      ) : alerts.length === 0 ? (
        <div className={classes.empty}>
          <InboxIcon size={36} />
          <p className={classes.emptyTitle}>{openCount === 0 ? texts.emptyTitle : texts.emptyView}</p>
          <p>{texts.emptyText}</p>
        </div>
      ) : (
        <ul
          ref={list}
          role="listbox"
          aria-label={texts.list}
          aria-multiselectable={props.marked.size > 0 || undefined}
          className={classes.list}
          onKeyDown={onKeyDown}
          onPointerMove={onTouch}
          onWheel={onTouch}
        >
          <li role="presentation" style={{ height: alerts.length * rowHeight }} />
          {alerts.slice(frame.first, frame.end).map((alert, place) => (
            <AlertRow
              key={alert.id}
              alert={alert}
              index={frame.first + place}
              count={alerts.length}
              selected={alert.id === selectedId}
              reachable={frame.first + place === reachable}
              agent={agent}
              now={now}
              marked={props.marked.has(alert.id)}
              onSelect={onSelect}
              onMark={props.onMark}
            />
          ))}
        </ul>
      )}
      {props.below}
      {beyond > 0 && !loading && <p className={classes.beyond}>{texts.beyond(beyond)}</p>}
    </section>
  );
}

/** Keeps the topmost row in view where it is when rows above it go. */
function useAnchor(list: React.RefObject<HTMLUListElement | null>, alerts: readonly Alert[]): void {
  const [before] = useState<{ alerts: readonly Alert[] }>({ alerts });
  useLayoutEffect(() => {
    const pane = list.current;
    const old = before.alerts;
    before.alerts = alerts;
    if (pane === null || pane.scrollTop === 0 || old === alerts) {
      return;
    }
    const index = Math.floor(pane.scrollTop / rowHeight);
    const id = old[index]?.id;
    const moved = id === undefined || alerts[index]?.id === id ? -1 : alerts.findIndex((alert) => alert.id === id);
    if (moved >= 0) {
      pane.scrollTop += (moved - index) * rowHeight;
    }
  }, [list, alerts, before]);
}
