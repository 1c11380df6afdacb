import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { getTimeline, type TimelineEntry } from '../api/customers';
import { Notice } from '../app/Notice';
import { When } from '../app/When';
import { EntryName } from '../customers/EntryName';
import { customerKind } from '../customers/name';
import { useResource } from '../customers/useResource';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import classes from './Evidence.module.css';

/** How many of the newest entries are looked through for evidence. */
const timelineLimit = 200;

interface EvidenceProps {
  readonly alert: Alert;
  readonly connections: number;
  readonly now: number;
}

/** The journal entries an alert rests on, each with what it said. */
export function Evidence({ alert, connections, now }: EvidenceProps): ReactNode {
  const texts = useTexts();
  const { http } = useSession();
  const wanted = alert.evidence.join(' ');
  const timeline = useResource(`${alert.customerId} ${alert.id}`, [wanted, connections], (signal) =>
    getTimeline(http, alert.customerId, customerKind(alert.customerId, alert.customer), timelineLimit, signal),
  );
  const entries = new Map((timeline.data ?? []).map((entry) => [entry.id, entry]));
  return (
    <>
      {timeline.error !== null && !timeline.loading && (
        <div className={classes.failure}>
          <Notice tone="warn">
            {texts.alerts.evidenceFailed}
            <Button size="xs" variant="default" onClick={timeline.reload}>
              {texts.shell.retry}
            </Button>
          </Notice>
        </div>
      )}
      <ul className={classes.list} aria-busy={timeline.loading}>
        {alert.evidence.map((id) => (
          <EvidenceEntry key={id} id={id} entry={entries.get(id) ?? null} searched={timeline.data !== null} now={now} />
        ))}
      </ul>
    </>
  );
}

interface EvidenceEntryProps {
  readonly id: string;
  readonly entry: TimelineEntry | null;
  /** Whether the timeline has been looked through. */
  readonly searched: boolean;
  readonly now: number;
}

function EvidenceEntry({ id, entry, searched, now }: EvidenceEntryProps): ReactNode {
  const texts = useTexts().alerts;
  const payload = entry?.payload ?? null;
  return (
    <li className={classes.entry}>
      <div className={classes.line}>
        <span className={classes.name}>{entry === null ? texts.entry(id) : <EntryName entry={entry} />}</span>
        {entry !== null && entry.time !== null && (
          <span className={classes.time}>
            <When instant={entry.time} now={now} />
          </span>
        )}
      </div>
      {entry === null ? (
        searched && <p className={classes.summary}>{texts.entryElsewhere}</p>
      ) : (
        <>
          {entry.summary !== null && <p className={classes.summary}>{entry.summary}</p>}
          <p className={classes.id}>{texts.entry(id)}</p>
        </>
      )}
      {payload !== null && Object.keys(payload).length > 0 && (
        <details className={classes.details}>
          <summary>{texts.entryDetails}</summary>
          <pre>{JSON.stringify(payload, null, 2)}</pre>
        </details>
      )}
    </li>
  );
}
