import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { getTimelinePage, type Page, type TimelineEntry } from '../api/customers';
import { Failure, Tag, type Tone } from '../app/Page';
import { usePages } from '../app/usePages';
import { formatInstant } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { EntryName } from './EntryName';
import { outcomeWords } from './outcomeWords';
import classes from './CustomerPage.module.css';
import page from '../app/Page.module.css';

/** What happened to a customer, and what each thing brought about. */
export function CustomerTimeline({ id }: { readonly id: string }): ReactNode {
  const texts = useTexts();
  const { http } = useSession();
  const entries = usePages<TimelineEntry, Page<TimelineEntry>>(id, (before, signal) => getTimelinePage(http, id, before, signal));
  return (
    <>
      {entries.error !== null && <Failure error={entries.error} onRetry={entries.reload} />}
      {entries.head !== null && entries.items.length === 0 && <p className={page.empty}>{texts.timeline.none}</p>}
      {entries.items.length > 0 && (
        <ol className={classes.entries} aria-label={texts.timeline.list} aria-busy={entries.loading}>
          {entries.items.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {entries.hasMore && (
        <div className={page.after}>
          <Button variant="default" loading={entries.loading} onClick={entries.more}>
            {texts.page.more}
          </Button>
        </div>
      )}
    </>
  );
}

function Entry({ entry }: { readonly entry: TimelineEntry }): ReactNode {
  const texts = useTexts();
  const hasPayload = entry.payload !== null && Object.keys(entry.payload).length > 0;
  return (
    <li className={classes.entry}>
      <span className={classes.time}>
        {entry.time !== null && (
          <time dateTime={entry.time} title={entry.recordedAt === null ? undefined : texts.timeline.recorded(formatInstant(texts, entry.recordedAt))}>
            {formatInstant(texts, entry.time)}
          </time>
        )}
      </span>
      <span className={classes.event}>
        <EntryName entry={entry} />
      </span>
      <span className={classes.outcomes}>
        {entry.outcomes.length === 0 ? (
          <span className={page.dimmed}>{texts.timeline.nothing}</span>
        ) : (
          entry.outcomes.map((outcome, index) => (
            <Tag key={index} tone={toneOf(outcome)}>
              {outcomeWords(texts, outcome)}
            </Tag>
          ))
        )}
      </span>
      {hasPayload && (
        <details className={classes.details}>
          <summary>{texts.timeline.details}</summary>
          <pre tabIndex={0}>{JSON.stringify(entry.payload, null, 2)}</pre>
        </details>
      )}
    </li>
  );
}

function toneOf(outcome: string): Tone {
  if (outcome.startsWith('+')) {
    return 'good';
  }
  if (outcome.startsWith('alert raised')) {
    return 'high';
  }
  return outcome.startsWith('phase ') ? 'accent' : 'plain';
}
