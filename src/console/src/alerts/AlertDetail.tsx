import { ActionIcon } from '@mantine/core';
import type { ReactNode, RefObject } from 'react';
import type { Alert } from '../api/alerts';
import { ArrowLeftIcon, EyeIcon } from '../app/icons';
import { usePeople } from '../app/People';
import { useNow } from '../app/useNow';
import { When } from '../app/When';
import { customerName } from '../customers/name';
import { formatReasonValue } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { AlertActions, type AlertActionsProps } from './AlertActions';
import { Evidence } from './Evidence';
import { Notes } from './Notes';
import { Severity } from './Severity';
import { StatusTag } from './StatusTag';
import { alertTitle, reasonText } from './words';
import classes from './AlertDetail.module.css';

interface AlertDetailProps extends AlertActionsProps {
  readonly connections: number;
  readonly headingRef: RefObject<HTMLHeadingElement | null>;
  readonly onBack: () => void;
  /** Null while nobody may write a note. */
  readonly onNote: ((text: string) => Promise<boolean>) | null;
}

export function AlertDetail(props: AlertDetailProps): ReactNode {
  const { alert, finished, agent, headingRef, onBack } = props;
  const all = useTexts();
  const texts = all.alerts;
  const now = useNow(10_000);
  const title = alertTitle(all, alert);
  return (
    <article className={classes.detail} aria-labelledby="alert-title">
      <header className={classes.head}>
        <ActionIcon className={classes.back} variant="subtle" color="gray" aria-label={texts.back} onClick={onBack}>
          <ArrowLeftIcon />
        </ActionIcon>
        <div className={classes.tags}>
          <Severity level={alert.severity} />
          <span className={classes.kind}>{texts.kinds[alert.kind] ?? alert.kind}</span>
          <StatusTag alert={alert} agent={agent} />
        </div>
        <h1 id="alert-title" ref={headingRef} tabIndex={-1} className={classes.title} title={title}>
          {title}
        </h1>
        <p className={classes.facts}>
          <span className={classes.customer}>{customerName(alert.customerId, alert.customer)}</span>
          {alert.raisedAt !== null && <When instant={alert.raisedAt} now={now} say={texts.raised} />}
          {!finished && <Due alert={alert} now={now} />}
          {alert.status === 'snoozed' && alert.snoozedUntil !== null && (
            <When instant={alert.snoozedUntil} now={now} say={texts.snoozedUntil} />
          )}
          {alert.escalatedAt !== null && (
            <span className={classes.overdue}>
              <When instant={alert.escalatedAt} now={now} say={texts.escalated} />
            </span>
          )}
        </p>
        {finished && (
          <p className={classes.finished} role="status">
            <strong>{texts.goneTitle}.</strong> {texts.endings[alert.status]}
          </p>
        )}
        <Lookers agent={agent} alert={alert.id} />
        <AlertActions {...props} />
      </header>
      <Section title={texts.reasons}>
        <Reasons alert={alert} />
      </Section>
      {alert.suggestedActions.length > 0 && (
        <Section title={texts.actions}>
          <ul className={classes.suggestions}>
            {alert.suggestedActions.map((action, index) => (
              <li key={index}>{action}</li>
            ))}
          </ul>
        </Section>
      )}
      {alert.evidence.length > 0 && (
        <Section title={texts.evidence}>
          <Evidence alert={alert} connections={props.connections} now={now} />
        </Section>
      )}
      {(alert.notes.length > 0 || props.onNote !== null) && (
        <Section title={texts.notes}>
          <Notes key={alert.id} alert={alert} now={now} onAdd={props.onNote} />
        </Section>
      )}
    </article>
  );
}

function Section(props: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section className={classes.section}>
      <h2 className={classes.sectionTitle}>{props.title}</h2>
      {props.children}
    </section>
  );
}

/** Who else has the alert open: two who write to one customer at once is what agents fear most. */
function Lookers(props: { readonly agent: string | null; readonly alert: string }): ReactNode {
  const texts = useTexts().alerts;
  const { alert, lookers } = usePeople();
  const others = alert === props.alert ? lookers.filter((who) => who !== props.agent) : [];
  return (
    <p className={classes.lookers} role="status">
      {others.length > 0 && (
        <>
          <EyeIcon size={16} /> {texts.looking(others)}
        </>
      )}
    </p>
  );
}

function Due({ alert, now }: { readonly alert: Alert; readonly now: number }): ReactNode {
  const texts = useTexts().alerts;
  if (alert.dueAt === null) {
    return null;
  }
  const overdue = Date.parse(alert.dueAt) < now;
  return (
    <span className={overdue ? classes.overdue : undefined}>
      <When instant={alert.dueAt} now={now} say={overdue ? texts.overdue : texts.due} />
    </span>
  );
}

function Reasons({ alert }: { readonly alert: Alert }): ReactNode {
  const texts = useTexts();
  if (alert.reasons.length === 0) {
    return <p className={classes.none}>{texts.alerts.noReasons}</p>;
  }
  return (
    <ul className={classes.reasons}>
      {alert.reasons.map((reason, index) => (
        <li key={index} className={classes.reason}>
          <span className={classes.reasonText}>{reasonText(texts, alert, reason)}</span>
          {reason.value !== null && (
            <span className={classes.reasonValue}>{formatReasonValue(texts, reason.code, reason.value)}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
