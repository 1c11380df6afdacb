import type { ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { useTexts } from '../i18n/texts';
import classes from './StatusTag.module.css';

/** Who has it, or how it ended. */
export function StatusTag({ alert, agent }: { readonly alert: Alert; readonly agent: string | null }): ReactNode {
  const texts = useTexts().alerts;
  const mine = alert.status === 'claimed' && alert.claimedBy !== null && alert.claimedBy === agent;
  const text = mine
    ? texts.yours
    : alert.status === 'claimed' && alert.claimedBy !== null
      ? texts.claimedBy(alert.claimedBy)
      : texts.status[alert.status];
  return (
    <span className={classes.tag} data-status={mine ? 'mine' : alert.status} title={text}>
      {text}
    </span>
  );
}
