import { memo, type ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { CheckIcon } from '../app/icons';
import { When } from '../app/When';
import { customerName } from '../customers/name';
import { useTexts } from '../i18n/texts';
import { Severity } from './Severity';
import { StatusTag } from './StatusTag';
import { alertTitle } from './words';
import classes from './AlertRow.module.css';

interface AlertRowProps {
  readonly alert: Alert;
  readonly selected: boolean;
  /** Whether the tab key stops here: one row of the list, the selected one if any. */
  readonly reachable: boolean;
  readonly agent: string | null;
  readonly now: number;
  readonly onSelect: (id: string) => void;
  /** Whether it is marked for a command to several. */
  readonly marked: boolean;
  readonly onMark: (id: string) => void;
  /** Its place in the list, from 0. */
  readonly index: number;
  readonly count: number;
}

/** Height of a row, in pixels: all are alike, so that the list knows which of them are in view without asking the page. */
export const rowHeight = 92;

export const AlertRow = memo(function AlertRow(props: AlertRowProps): ReactNode {
  const { alert, selected, agent, now, onSelect, marked, onMark } = props;
  const all = useTexts();
  const texts = all.alerts;
  const overdue = alert.dueAt !== null && Date.parse(alert.dueAt) < now;
  return (
    <li
      id={rowId(alert.id)}
      role="option"
      aria-selected={selected}
      tabIndex={props.reachable ? 0 : -1}
      className={classes.row}
      aria-posinset={props.index + 1}
      aria-setsize={props.count}
      data-level={alert.severity}
      style={{ transform: `translateY(${props.index * rowHeight}px)` }}
      aria-checked={marked}
      data-marked={marked || undefined}
      onClick={(event) => (event.ctrlKey || event.metaKey ? onMark : onSelect)(alert.id)}
    >
      {/* For the mouse alone: the row itself takes the key and says whether it is marked. */}
      <span
        className={classes.mark}
        title={texts.mark}
        onClick={(event) => {
          event.stopPropagation();
          onMark(alert.id);
        }}
      >
        <span className={classes.box}>{marked && <CheckIcon size={12} />}</span>
      </span>
      <span className={classes.line}>
        <span className={classes.title}>{alertTitle(all, alert)}</span>
        <span className={classes.time}>{alert.raisedAt !== null && <When instant={alert.raisedAt} now={now} />}</span>
      </span>
      <span className={classes.line}>
        <span className={classes.customer}>{customerName(alert.customerId, alert.customer)}</span>
        {alert.dueAt !== null && (
          <span className={classes.due} data-overdue={overdue || undefined}>
            <When instant={alert.dueAt} now={now} say={overdue ? texts.overdue : texts.due} />
          </span>
        )}
      </span>
      <span className={`${classes.line} ${classes.foot}`}>
        <span className={classes.facts}>
          <Severity level={alert.severity} size={15} />
          <span className={classes.kind}>{texts.kinds[alert.kind] ?? alert.kind}</span>
        </span>
        <StatusTag alert={alert} agent={agent} short />
      </span>
    </li>
  );
});

export function rowId(alertId: string): string {
  return `alert-${alertId}`;
}
