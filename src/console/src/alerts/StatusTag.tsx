import type { ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { PresenceDot, usePeople } from '../app/People';
import { useTexts } from '../i18n/texts';
import classes from './StatusTag.module.css';

interface StatusTagProps {
  readonly alert: Alert;
  readonly agent: string | null;
  /** Where there is little room: of who has it the name alone, the rest in the title. */
  readonly short?: boolean;
}

/** Who has it, or how it ended. */
export function StatusTag({ alert, agent, short = false }: StatusTagProps): ReactNode {
  const texts = useTexts().alerts;
  const { there } = usePeople();
  const mine = alert.status === 'claimed' && alert.claimedBy !== null && alert.claimedBy === agent;
  const text = mine
    ? texts.yours
    : alert.status === 'claimed' && alert.claimedBy !== null
      ? texts.claimedBy(alert.claimedBy)
      : texts.status[alert.status];
  const who = alert.status === 'claimed' && !mine ? alert.claimedBy : null;
  return (
    <span className={classes.tag} data-status={mine ? 'mine' : alert.status} title={text}>
      {who !== null && there.size > 0 && <PresenceDot state={there.get(who) ?? 'offline'} />}
      <span className={classes.text}>{short && who !== null ? who.split('@')[0] : text}</span>
    </span>
  );
}
